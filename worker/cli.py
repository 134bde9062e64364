"""The command `pult`; every subcommand imports what it needs only when it is asked for."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from config.settings import Settings, SettingsError, read_settings
from worker.trouble import Trouble, disk_trouble

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Пульт: контакт-центр."
)
Var = Annotated[Path, typer.Option("--var", help="Папка с данными.")]


@app.command()
def up(
    var: Var = Path("var"),
    host: Annotated[str, typer.Option(help="Адрес страниц.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Порт страниц.")] = 8000,
    demo: Annotated[bool, typer.Option(help="Показательный центр при первом запуске.")] = True,
) -> None:
    """Всё сразу на одной машине: PostgreSQL, Valkey, Temporal и Пульт."""
    from worker.place import Place
    from worker.supervisor import Supervisor

    async def run() -> None:
        await Supervisor(Place(var), port, host, say).run(demo)

    asyncio.run(run())


@app.command()
def web() -> None:
    """Страницы и API."""
    settings = configured()
    from worker.web import create_app
    from worker.web_server import serve

    web_app = create_app(settings)
    imported()
    serve(web_app, settings.web)


@app.command()
def worker() -> None:
    """Процессы: звонки и всё, у чего есть срок."""
    settings = configured()
    from worker.temporal import run

    imported()
    until_stopped(run(settings))


@app.command()
def documents() -> None:
    """Документы: выгрузки и PDF."""
    settings = configured()
    from worker.celery import run

    imported()
    run(settings)


@app.command()
def relay() -> None:
    """Посыльный: исходящие, сверка, печать аудита."""
    settings = configured()
    from worker.relay import run

    imported()
    until_stopped(run(settings))


@app.command()
def providers() -> None:
    """Местные SMSC и почта вместо настоящих: всё принимают и кладут в папку."""
    settings = configured()
    from worker.providers import run

    imported()
    until_stopped(run(settings))


@app.command()
def listener() -> None:
    """Слушатель телефонной станции."""
    from worker.listener import SENTENCE

    say(SENTENCE)


@app.command()
def migrate() -> None:
    """Обновить базу данных до последней ревизии."""
    settings = configured()
    from worker.migrate import migrate as upgrade

    if settings.database.owner_url is None:
        raise Trouble("Не задана настройка DATABASE__OWNER_URL: обновлять базу может только её владелец.", status=2)
    asyncio.run(upgrade(settings.database.owner_url.get_secret_value(), settings.database.url.get_secret_value()))
    say("База данных обновлена.")


@app.command()
def demo() -> None:
    """Наполнить пустую базу показательным центром."""
    settings = configured()
    from worker.demo import load

    for one in asyncio.run(load(settings)):
        say(f"  {one.login:<12} {one.password:<16} {one.full_name} ({one.roles})")


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Что измерить: calls, card, desks, export, journal, messages.")],
    as_json: Annotated[bool, typer.Option("--json", help="По одному объекту JSON на строку.")] = False,
    quick: Annotated[bool, typer.Option(help="Меньше, но с теми же целями.")] = False,
) -> None:
    """Измерить то, что мы обещаем; код 1, если цель не достигнута."""
    from bench.run import run

    raise typer.Exit(run(name, as_json, quick))


@app.command()
def deploy(
    build: Annotated[str, typer.Option(help="Какая сборка принимает новые звонки; без этого — эта.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Только показать сборки.")] = False,
    wait: Annotated[int, typer.Option(help="Сколько секунд ждать, пока старые сборки доведут свои звонки.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="По одному объекту JSON на сборку.")] = False,
) -> None:
    """Новые звонки — новой сборке; старая доводит свои. Код 1: ещё доводит, код 2: нельзя."""
    settings = configured()
    from worker.deploy import Wanted, deploy

    wanted = Wanted(build, show, timedelta(seconds=wait), as_json)
    raise typer.Exit(asyncio.run(deploy(settings, wanted, say)))


@app.command()
def chaos(
    seed: Annotated[int | None, typer.Option(help="Зерно случая: то же даёт те же сбои и вызовы.")] = None,
    faults: Annotated[str, typer.Option(help="Какие сбои, через запятую: F1,F14; без этого все.")] = "",
    calls: Annotated[int | None, typer.Option(help="Вызовов в каждом состоянии к началу сбоя.", min=1)] = None,
    quick: Annotated[bool, typer.Option(help="По одному вызову в каждом состоянии.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Куда сложить журнал роботов и процессов.")] = None,
) -> None:
    """Убивать процессы под роботами и проверить, что ничего не потеряно; код 1, если потеряно."""
    from bench.chaos.run import FULL, QUICK, run

    size = QUICK if quick else FULL
    size = replace(size, per_state=calls or size.per_state)
    raise typer.Exit(run(seed, [code for code in faults.split(",") if code], size, keep))


@app.command()
def reset(var: Var = Path("var")) -> None:
    """Забыть всё, кроме секретов: следующий запуск наполнит центр заново."""
    from worker.place import Place

    place = Place(var)
    place.claim()
    place.forget()
    say("Данные стёрты, при следующем запуске центр наполнится заново.")


@app.command()
def doctor(var: Var = Path("var")) -> None:
    """Что отвечает, чего не хватает и чем это исправить."""
    from worker.doctor import examine
    from worker.place import Place

    # What stands in the environment wins; on an embedded machine the running Пульт left its addresses.
    os.environ |= Place(var).left_environment() | os.environ
    findings = asyncio.run(examine(read_settings()))
    for finding in findings:
        say(f"{'✗' if finding.mend else '✓'} {finding.thing}: {finding.state}")
        if finding.mend:
            say(f"    {finding.mend}")
    if any(finding.mend for finding in findings):
        raise typer.Exit(1)


def configured() -> Settings:
    """Settings read, logs set up: the first step of every process."""
    from config.logs import configure_logs

    # The imports that follow make a million objects that stay: walking them again and again costs a tenth of the start.
    gc.disable()
    settings = read_settings()
    configure_logs()
    return settings


def imported() -> None:
    """The counterpart of `configured`: from here on garbage is collected, what was imported is not looked at."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # what a request makes is mostly gone before anybody looks
    gc.enable()


def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends or SIGTERM / SIGINT cancels it; a cancelled process has done its duty."""

    async def run() -> None:
        task = asyncio.ensure_future(work)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    import uvloop

    uvloop.run(run())


def say(sentence: str) -> None:
    print(sentence, flush=True)


def main() -> None:
    """Entry point: what a person can mend is told in a sentence, never as a traceback."""
    try:
        app()
    except SettingsError as error:
        fail(str(error), 2)
    except Trouble as trouble:
        fail(str(trouble), trouble.status)
    except OSError as error:
        trouble_of_disk = disk_trouble(error)
        if trouble_of_disk is None:
            raise
        fail(str(trouble_of_disk), trouble_of_disk.status)


def fail(sentence: str, status: int) -> None:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
