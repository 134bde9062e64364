# Пульт: `make help` lists what can be done here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
T ?=
# uv brings its own list of authorities; behind an organisation's mirror only the system's list is right.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export VIRTUAL_ENV := $(CURDIR)/.venv

.venv/ready: .venv/packages pyproject.toml
	@$(UV) pip install -q --no-deps --no-build-isolation --offline --no-index -e .
	@touch $@

.venv/packages: requirements.lock | .venv/bin/uv
	@echo "Ставлю пакеты Python…"
	@$(UV) pip sync -q --require-hashes requirements.lock
	@touch $@

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Нужен Python 3.11 или новее: укажите его так: make PYTHON=/путь/к/python3.11 …"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Нет модуля venv: установите его (на Debian: apt-get install python3-venv)."; exit 1; }
	@awk '/^[^ #]/ {p = /^uv==/} p' requirements.lock > .venv/uv.lock
	@$(BIN)/pip install -q --require-hashes --no-deps -r .venv/uv.lock
	@test -x $@

.PHONY: ready
ready: .venv/ready

.PHONY: migration
migration: .venv/ready ## Новая миграция по таблицам: make migration m="что изменилось"
	@test -n "$(m)" || { echo 'Скажите, что изменилось: make migration m="…"'; exit 1; }
	@$(BIN)/python -m worker.revise "$(m)"
