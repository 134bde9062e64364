"""A page of every piece of the kit, for the browser tests and for the eye: python -m tests.ui.gallery."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from ui.render import DIST, Pages, fragment, news, page, static_files
from ui.security import SecurityHeaders
from ui.table import Column, TableQuery, TableView

REASONS = [("1", "Статус заявления"), ("2", "Запись на приём"), ("3", "Консультация по услуге"), ("4", "Жалоба")]
CHANNELS = [("incoming", "Входящие"), ("outgoing", "Исходящие"), ("missed", "Пропущенные")]
COLUMNS = (
    Column("channel", "Тип канала", CHANNELS),
    Column("phone", "Номер телефона"),
    Column("name", "ФИО абонента"),
    Column("at", "Время звонка", css="num"),
    Column("wait", "Время ожидания", css="num"),
    Column("talk", "Длительность звонка", css="num"),
    Column("wrap", "Постобработка", css="num"),
    Column("reason", "Причина звонка", REASONS),
    Column("comment", "Комментарий", css="rest"),
)
NAMES = ["Иванова Мария Петровна", "Сидоров Олег Игоревич", "Кузнецова Анна Львовна", "ИП Фролов Д. С."]
MENU = [("home", "Главная", "home"), ("journal", "Журнал", "history"), ("knowledge", "База знаний", "book")]


@dataclass
class Ground:
    """What the tests look at."""

    pressed: list[str] = field(default_factory=list)
    drafts: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    notices: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    state: str = "break"
    saving: int = 0
    signed_out: bool = False
    frozen: bool = False
    extra: int = 0


def calls(ground: Ground, query: TableQuery) -> list[dict[str, Any]]:
    morning = datetime(2026, 11, 23, 5, tzinfo=UTC)
    rows = [
        {
            "id": number, "code": CHANNELS[number % 3][0], "channel": CHANNELS[number % 3][1],
            "phone": f"+7912{3450000 + number * 7919}", "name": NAMES[number % 4],
            "at": morning + timedelta(minutes=7 * number), "wait": number * 13 % 95, "talk": number * 61 % 900,
            "wrap": number * 11 % 60, "reason": REASONS[number % 4][1], "reason_id": REASONS[number % 4][0],
            "comment": "Просит перезвонить после обеда, документы готовы" if number % 5 == 0 else "",
        }
        for number in range(28 + ground.extra)
    ]  # fmt: skip
    wanted = {"channel": "code", "reason": "reason_id"}
    kept = [row for row in rows if all(row[wanted[key]] in values for key, values in query.filters.items())]
    return [row for row in kept if query.q.lower() in f"{row['name']} {row['phone']}".lower()]


def shell(ground: Ground, section: str) -> dict[str, Any]:
    labels = dict(incoming="Входящие", outgoing="Исходящие")
    return {
        "menu": [{"key": key, "label": label, "url": "/" if key == "home" else f"/{key}", "icon": icon,
                  "count": 2 if key == "journal" else 0} for key, label, icon in MENU],
        "section": section,
        "person": {"name": "Петрова Е. А.", "role": "Оператор", "has_roles": True},
        "desk": {"code": ground.state, "label": labels.get(ground.state, "Перерыв"),
                 "since": datetime.now(UTC) - timedelta(minutes=3)},
    }  # fmt: skip


def finish_context(errors: dict[str, str], chosen: list[str], comment: str) -> dict[str, Any]:
    return {"key": "k-1", "reasons": REASONS, "errors": errors, "chosen": chosen, "comment": comment}


def create_gallery(dist: Path = DIST) -> FastAPI:
    app = FastAPI()
    app.add_middleware(SecurityHeaders)
    app.mount("/static/dist", static_files(dist))
    here = Path(__file__).parent
    app.state.pages = Pages(ZoneInfo("Asia/Yekaterinburg"), templates=here, dist=dist)
    app.state.ground = Ground()
    add_pages(app, app.state.ground)
    add_acts(app, app.state.ground)
    app.get("/live")(live)
    return app


def add_pages(app: FastAPI, ground: Ground) -> None:
    @app.get("/")
    def home(request: Request) -> HTMLResponse:
        query = TableQuery.read(request.query_params, COLUMNS)
        view = TableView("calls", "/", query, COLUMNS, next_after="28", live="pult:calls")
        return page(request, "gallery.html", {**shell(ground, "home"), "view": view, "calls": calls(ground, query)})

    @app.get("/journal")
    @app.get("/knowledge")
    def card(request: Request) -> HTMLResponse:
        return page(request, "card.html", shell(ground, request.url.path.strip("/")))

    @app.get("/login")
    def login() -> HTMLResponse:
        return HTMLResponse("<!doctype html><html lang=ru><title>Вход</title><h1>Вход</h1></html>")

    @app.get("/finish")
    def finish_form(request: Request) -> HTMLResponse:
        return fragment(request, "finish.html", finish_context({}, [], ""))


def add_acts(app: FastAPI, ground: Ground) -> None:
    @app.post("/finish")
    def finish(
        request: Request, key: Annotated[str, Form()],
        reasons: Annotated[list[str] | None, Form()] = None, comment: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        ground.keys.append(key)
        if not reasons:
            errors = {"reasons": "Выберите хотя бы одну причину звонка."}
            return fragment(request, "finish.html", finish_context(errors, [], comment), 422)
        if ground.saving:
            ground.saving -= 1
            return JSONResponse({"detail": "Сохраняем…"}, 503, {"Retry-After": "0.2"}, "application/problem+json")
        return Response(status_code=204, headers=news("pult:calls", toast="Обслуживание завершено", close_dialog=True))

    @app.post("/press/{name}")
    def press(name: str) -> Response:
        ground.pressed.append(name)
        return Response(status_code=204)

    @app.post("/state/{code}")
    def change_state(request: Request, code: str) -> HTMLResponse:
        ground.state = code
        return fragment(request, "desk/_state.html", shell(ground, "home"))

    @app.post("/draft")
    async def keep_draft(request: Request) -> Response:
        ground.drafts.append({key: str(value) for key, value in (await request.form()).items()})
        return Response(status_code=204)

    @app.post("/refuse")
    def refuse() -> Response:
        return JSONResponse(
            {"detail": "Обслуживание уже завершила Ольга в 12:03"}, 409, None, "application/problem+json"
        )


async def live(request: Request) -> Response:
    ground: Ground = request.app.state.ground
    if ground.signed_out:
        return Response(status_code=401)

    async def stream() -> AsyncIterator[str]:
        while not ground.signed_out:
            if ground.frozen:
                await asyncio.sleep(0.5)
                continue
            yield f"event: ping\ndata: {json.dumps({'now': time.time_ns() // 1_000_000})}\n\n"
            try:
                name = await asyncio.wait_for(ground.notices.get(), 1)
            except TimeoutError:
                continue
            yield f"event: pult:{name}\ndata: {json.dumps({'id': '7'})}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")
