"""`pult up`: the embedded services and our own processes under one roof, in order up and in order down."""

import asyncio
import os
import signal
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from worker import providers
from worker.children import NAMES, Kept, child
from worker.libraries import document_trouble
from worker.place import Place, free_port, is_free
from worker.postgres import APP, OWNER
from worker.process import Process
from worker.revision import newest_revision
from worker.stack import Stack
from worker.trouble import Trouble

READY_SECONDS = 60.0
LOOK_EVERY = 0.2


class Supervisor:
    """One installation in one folder, until somebody asks it to stop."""

    def __init__(self, place: Place, port: int, host: str, say: Callable[[str], None] = print) -> None:
        self.place = place
        self.wanted_port = port
        self.host = host
        self.say = say
        self.stop_asked = asyncio.Event()
        self.children: list[Process] = []

    async def run(self, demo: bool) -> None:
        """Everything up, watched, and everything down again."""
        self.place.check_room()
        self.place.claim()
        self.listen_for_stop()
        stack = Stack.at(self.place)
        await stack.start()
        try:
            await self.serve(stack, demo)
        finally:
            await self.stop_children()
            await stack.stop()
            self.say("Пульт остановлен.")

    def listen_for_stop(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(name, self.stop_asked.set)

    async def serve(self, stack: Stack, demo: bool) -> None:
        environment = stack.environment() | self.web_environment() | demo_environment(demo)
        environment |= providers.environment(self.place, providers.given_settings(dict(os.environ)))
        self.place.leave_environment(environment)
        await self.migrate(stack)
        if demo:
            await self.load_demo(environment)
        self.children = [child(name, self.place, environment) for name in NAMES]
        for process in self.children:
            process.start()
        await self.wait_until_ready(address(environment))
        self.announce(stack, address(environment), demo)
        await self.watch(stack)

    async def migrate(self, stack: Stack) -> None:
        if await stack.postgres.revision() == newest_revision():
            return
        from worker.migrate import migrate

        await migrate(stack.postgres.url(OWNER), stack.postgres.url(APP))

    def web_environment(self) -> dict[str, str]:
        """The address of the pages; bookmarks and the microphone's permission hang on the port, so it rarely moves."""
        port = self.wanted_port
        if not is_free(self.host, port):
            port = free_port(self.host)
            self.say(f"Порт {self.wanted_port} занят, сегодня Пульт на порту {port}.")
        return {"WEB__HOST": self.host, "WEB__PORT": str(port), "SECURITY__COOKIE_SECURE": "false"}

    async def load_demo(self, environment: dict[str, str]) -> None:
        """Fill the centre at the first start only; a load cut short is begun again."""
        logins = self.place.demo_logins
        if logins.exists():
            return
        process = child("demo", self.place, environment)
        process.log = logins.with_suffix(".new")
        process.log.unlink(missing_ok=True)
        process.start()
        while process.is_alive and not self.stop_asked.is_set():
            await asyncio.sleep(0.05)
        await process.stop()
        if process.code == 0:
            process.log.rename(logins)
        elif not self.stop_asked.is_set():
            raise process.trouble()

    async def wait_until_ready(self, site: str) -> None:
        """Until the pages answer; a process that falls before that is told about by its last words."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not self.stop_asked.is_set():
            fallen = next((process for process in self.children if not process.is_alive), None)
            if fallen:
                raise fallen.trouble()
            if await asyncio.to_thread(is_live, site):
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Trouble(f"Страницы не отвечают, причина в {self.place.path('log', 'web.log')}.")
            await asyncio.sleep(0.1)

    def announce(self, stack: Stack, site: str, demo: bool) -> None:
        if self.stop_asked.is_set():
            return
        self.say(f"\nПульт работает: {site}\nТелефон абонента: {site}/phone")
        self.say(f"Процессы (Temporal): http://127.0.0.1:{stack.temporal.pages_port}\nЖурналы: {self.place.root}/log")
        self.say(f"Ушедшие SMS и письма: {self.place.root}/outbox")
        if demo:
            self.say(f"\nВход для знакомства:\n{self.place.demo_logins.read_text().rstrip()}")
        trouble = document_trouble()
        if trouble:
            self.say(f"\n{trouble}")
        self.say("\nОстановить: Ctrl-C")

    async def watch(self, stack: Stack) -> None:
        """Bring back whatever falls, until the stop is asked for."""
        kept = [Kept(process, process.start) for process in self.children]
        kept += [Kept(service.process, service.bring_back) for service in stack.services]
        while not self.stop_asked.is_set():
            for one in kept:
                one.look(self.say)
            try:
                await asyncio.wait_for(self.stop_asked.wait(), LOOK_EVERY)
            except TimeoutError:
                continue

    async def stop_children(self) -> None:
        """First those who write, all at once; the services they write to come after."""
        self.say("Останавливаю…")
        for process in self.children:
            process.ask_to_stop()
        await asyncio.gather(*(process.stop() for process in self.children))


def demo_environment(demo: bool) -> dict[str, str]:
    """In a demo nobody's number is real, so pages may be called under the numbers typed in them."""
    return {"DEMO": str(demo).lower(), "LINE__TRUST_TYPED_NUMBERS": str(demo).lower()}


def address(environment: dict[str, str]) -> str:
    host = environment["WEB__HOST"]
    return f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{environment['WEB__PORT']}"


def is_live(site: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{site}/health/live", timeout=2):
            return True
    except (OSError, HTTPException):
        return False
