"""`pult up`: the embedded services and our own processes under one roof, in order up and in order down."""

import asyncio
import signal
from collections.abc import Callable

import httpx

from worker.children import NAMES, Kept, child
from worker.doctor import document_trouble
from worker.migrate import migrate
from worker.place import Place, free_port, is_free
from worker.postgres import APP, OWNER
from worker.process import Process
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
        environment = stack.environment() | self.web_environment() | {"DEMO": str(demo).lower()}
        self.place.leave_environment(environment)
        await migrate(stack.postgres.url(OWNER), stack.postgres.url(APP))
        if demo:
            await self.load_demo(environment)
        self.children = [child(name, self.place, environment) for name in NAMES]
        for process in self.children:
            process.start()
        await self.wait_until_ready(environment)
        self.announce(stack, environment, demo)
        await self.watch(stack)

    def web_environment(self) -> dict[str, str]:
        """The address of the pages; bookmarks and the microphone's permission hang on the port, so it rarely moves."""
        port = self.wanted_port
        if not is_free(self.host, port):
            port = free_port(self.host)
            self.say(f"Порт {self.wanted_port} занят, сегодня Пульт на порту {port}.")
        return {"WEB__HOST": self.host, "WEB__PORT": str(port), "SECURITY__COOKIE_SECURE": "false"}

    async def load_demo(self, environment: dict[str, str]) -> None:
        """Fill the centre at the first start only; a load cut short is begun again."""
        done = self.place.path("demo-loaded")
        if done.exists():
            return
        process = child("demo", self.place, environment)
        process.start()
        await process.ended(READY_SECONDS)
        if process.code != 0:
            await process.stop()
            raise process.trouble()
        done.touch()

    async def wait_until_ready(self, environment: dict[str, str]) -> None:
        """Until the pages answer; a process that falls before that is told about by its last words."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            while not self.stop_asked.is_set() and asyncio.get_running_loop().time() < deadline:
                fallen = next((process for process in self.children if not process.is_alive), None)
                if fallen:
                    raise fallen.trouble()
                try:
                    await client.get(f"{address(environment)}/health/live")
                    return
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        if not self.stop_asked.is_set():
            raise Trouble(f"Страницы не отвечают {READY_SECONDS:g} с, причина в {self.place.path('log', 'web.log')}.")

    def announce(self, stack: Stack, environment: dict[str, str], demo: bool) -> None:
        if self.stop_asked.is_set():
            return
        site = address(environment)
        self.say(f"\nПульт работает: {site}\nТелефон абонента: {site}/phone")
        self.say(f"Процессы (Temporal): http://127.0.0.1:{stack.temporal.pages_port}\nЖурналы: {self.place.root}/log")
        if demo:
            self.announce_logins(environment["SECURITY__PEPPER"])
        trouble = document_trouble()
        if trouble:
            self.say(f"\n{trouble}")
        self.say("\nОстановить: Ctrl-C")

    def announce_logins(self, pepper: str) -> None:
        from worker.demo import logins

        self.say("\nВход для знакомства:")
        for one in logins(pepper):
            self.say(f"  {one.login:<12} {one.password:<16} {one.full_name} ({one.roles})")

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


def address(environment: dict[str, str]) -> str:
    host = environment["WEB__HOST"]
    return f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{environment['WEB__PORT']}"
