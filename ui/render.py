"""How a template becomes an answer: one Jinja environment, its filters and the built assets."""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from schemas.snils import shown as snils
from schemas.subscriber_zone import ZONES
from ui.language import choose_language, gettext, language, ngettext

HERE = Path(__file__).parent
DIST = HERE / "static" / "dist"
THEMES = ("light", "dark")
MEDIA = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
OLDEST_CHROME = 125
OTHER_BROWSERS = re.compile(r"Edg/|OPR/|Vivaldi/|SamsungBrowser/|Firefox/|FxiOS/|CriOS/")


class Pages:
    """The pages of one web process: templates, assets and the time zone of the centre."""

    def __init__(self, zone: tzinfo = UTC, templates: Path | None = None, dist: Path = DIST) -> None:
        self.zone = zone
        self.dist = dist
        folders = [*([templates] if templates else []), HERE / "templates"]
        self.environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=select_autoescape(default=True),
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        translator: Any = self.environment
        translator.install_gettext_callables(gettext, ngettext, newstyle=True)
        self.environment.globals.update(asset=self.asset, icon=self.icon, dom_id=dom_id, office_zone=str(zone))
        self.environment.globals["zones"] = ZONES
        self.environment.filters.update(
            phone=phone,
            duration=duration,
            minutes=minutes,
            epoch=epoch,
            time=self.time,
            date=self.date,
            moment=self.moment,
            snils=snils,
            time_in=time_in,
        )

    @cache  # noqa: B019 - one object lives as long as the process
    def manifest(self) -> dict[str, str]:
        return cast(dict[str, str], json.loads((self.dist / "manifest.json").read_text()))

    def asset(self, name: str) -> str:
        return f"/static/dist/{self.manifest()[name]}"

    def icon(self, name: str, label: str | None = None) -> Markup:
        """An icon is silent beside its words; alone it needs a label."""
        voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        return Markup(f'<svg class="pult-icon" viewBox="0 0 24 24" {voice}>{self.drawing(name)}</svg>')

    @cache  # noqa: B019
    def drawing(self, name: str) -> str:
        source = (self.dist / "icons" / f"{name}.svg").read_text()
        paths = re.findall(r"<(?:path|circle|rect|line|ellipse|polyline|polygon)[^>]*/>", source)
        return "".join(path for path in paths if 'stroke="none"' not in path or 'd="M0 0h24v24H0z"' not in path)

    def time(self, moment: datetime | None, seconds: bool = False) -> str:
        return moment.astimezone(self.zone).strftime("%H:%M:%S" if seconds else "%H:%M") if moment else ""

    def date(self, moment: datetime | None) -> str:
        return moment.astimezone(self.zone).strftime("%d.%m.%Y") if moment else ""

    def moment(self, moment: datetime | None) -> str:
        return f"{self.date(moment)} {self.time(moment)}" if moment else ""

    def render(self, request: Request, template: str, context: Mapping[str, Any]) -> str:
        spoken = choose_language(request.cookies.get("language"))
        language.set(spoken)
        return self.environment.get_template(template).render(
            **common_context(request), lang=spoken, **{**getattr(request.state, "shell", {}), **context}
        )


def page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A whole page. What every page of a person shows (menu, desk, person) stands in `request.state.shell`."""
    return HTMLResponse(pages_of(request.app).render(request, template, context), status)


def fragment(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A part of a page; `headers` are usually `news(…)`."""
    return HTMLResponse(pages_of(request.app).render(request, template, context), status, headers)


def pages_of(app: FastAPI) -> Pages:
    """The composition root puts `app.state.pages`; without it the pages speak UTC."""
    if not hasattr(app.state, "pages"):
        app.state.pages = Pages()
    return cast(Pages, app.state.pages)


class BuiltFiles(StaticFiles):
    """Gives the compressed twin that the build has laid beside a script or a style sheet."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
            if coding in accepted and path.endswith((".js", ".css")) and self.lookup_path(path + suffix)[1]:
                answer = await super().get_response(path + suffix, scope)
                answer.headers["Content-Encoding"] = coding
                answer.headers["Content-Type"] = MEDIA[path.rsplit(".", 1)[1]]
                answer.headers["Vary"] = "Accept-Encoding"
                return answer
        return await super().get_response(path, scope)


def static_files(dist: Path = DIST) -> StaticFiles:
    """Mounted at /static/dist; the security middleware marks it immutable."""
    return BuiltFiles(directory=dist, check_dir=False)


def news(*events: str, toast: str | None = None, undo: str | None = None, close_dialog: bool = False) -> dict[str, str]:
    """Headers that tell the page what happened: `{"HX-Trigger": …}`, in ASCII as headers must be."""
    triggers: dict[str, Any] = {event: {} for event in events}
    if close_dialog:
        triggers["pult:close-dialog"] = {}
    if toast:
        triggers["pult:toast"] = {"text": toast, "kind": "success", **({"undo": undo} if undo else {})}
    return {"HX-Trigger": json.dumps(triggers)} if triggers else {}


def common_context(request: Request) -> dict[str, Any]:
    theme = request.cookies.get("theme")
    return {
        "request": request,
        "nonce": getattr(request.state, "nonce", ""),
        "csrf": getattr(request.state, "csrf", ""),
        "theme": theme if theme in THEMES else "auto",
        "now_ms": time.time_ns() // 1_000_000,
        "is_browser_known": is_browser_known(request.headers.get("user-agent", "")),
    }


def is_browser_known(agent: str) -> bool:
    """Chrome and Яндекс.Браузер of today; in others correct work is not guaranteed (R47)."""
    chrome = re.search(r"Chrome/(\d+)", agent)
    return chrome is not None and not OTHER_BROWSERS.search(agent) and int(chrome[1]) >= OLDEST_CHROME


def dom_id(thing: Any, part: str = "") -> str:
    """`call-42-card` for a CallCard with id 42: the element, its hx-target and its event share one name."""
    word = re.match(r"[A-Z]?[a-z]+", type(thing).__name__)
    return "-".join(filter(None, [word[0].lower() if word else "", str(thing.id), part]))


def phone(number: str | None) -> str:
    """+7 (912) 345-67-89; a number of another country stays as it is."""
    match = re.fullmatch(r"\+?[78](\d{3})(\d{3})(\d{2})(\d{2})", number or "")
    return "+7 ({}) {}-{}-{}".format(*match.groups()) if match else number or ""


def time_in(zone: str) -> str:
    """Return what the clock says there now."""
    return datetime.now(ZoneInfo(zone)).strftime("%H:%M")


def seconds_of(length: timedelta | float) -> int:
    return max(0, int(length.total_seconds() if isinstance(length, timedelta) else length))


def duration(length: timedelta | float | None) -> str:
    """mm:ss, or h:mm:ss from an hour on."""
    if length is None:
        return ""
    hours, rest = divmod(seconds_of(length), 3600)
    return (f"{hours}:" if hours else "") + f"{rest // 60:02d}:{rest % 60:02d}"


def minutes(length: timedelta | float | None) -> str:
    return "" if length is None else str(seconds_of(length) // 60)


def epoch(moment: datetime) -> int:
    """Milliseconds for `pult-timer`."""
    return int(moment.timestamp() * 1000)
