"""What the strict policy and htmx 4 forbid in a template is found here, not on somebody's screen."""

import re
from pathlib import Path

import pytest

from ui.render import HERE, Pages

TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
ICONS = HERE.parent / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
FORBIDDEN = {
    "needs eval": re.compile(r"hx-on|\b(hx-[a-z]+)=[\"']js:|hx-trigger=\"[^\"]*\["),
    "inline style": re.compile(r"<[^>]*\sstyle=|<style"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=\""),
    "trusts what was typed": re.compile(r"\|\s*safe\b"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HERE / "templates")))
def test_a_template_compiles_and_keeps_to_the_policy(path: Path) -> None:
    text = path.read_text()
    Pages().environment.compile(text)
    if path.name.endswith("_pdf.html"):  # drawn by WeasyPrint, never by a browser
        return
    assert {name: rule.findall(text) for name, rule in FORBIDDEN.items() if rule.search(text)} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HERE / "templates")))
def test_every_icon_named_exists(path: Path) -> None:
    names = set(re.findall(r"\bicon(?:_button)?\('(?:[^']*', ')?([a-z][a-z0-9-]+)'", path.read_text()))
    assert {name for name in names if not (ICONS / f"{name}.svg").exists()} == set()
