"""What the text of a template may do, and its filling: fields, a few filters, «if»; nothing that calls or repeats."""

from collections.abc import Mapping

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.errors import Invalid
from schemas.message_template import FIELD_WORDS
from schemas.sentences import Sentence

FILTERS = ("upper", "lower", "trim", "capitalize", "default", "d")
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Test,
    nodes.Filter,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
"""A text needs no more; without loops, calls and arithmetic it can neither reach nor cost anything."""

BROKEN = "Ошибка в шаблоне, строка {line}: проверьте скобки и слова в них."
FORBIDDEN = "В шаблоне могут стоять только поля {{{{ имя }}}} и условия {{% if имя %}}…{{% endif %}}."
UNKNOWN = "В шаблоне есть неизвестное поле «{field}». Поля: {known}."
EMPTY = "Шаблон не заполнить: в карточке нет поля «{field}». Впишите текст сами."

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
_environment.globals.clear()
_environment.filters = {name: _environment.filters[name] for name in FILTERS}


def wrong_in(text: str) -> Sentence | None:
    """Return what is wrong with the text of a template, or nothing."""
    try:
        tree = _environment.parse(text)
    except TemplateSyntaxError as error:
        return Sentence(BROKEN, {"line": str(error.lineno)})
    if not all(map(_is_allowed, tree.find_all(nodes.Node))):
        return Sentence(FORBIDDEN)
    unknown = sorted(_fields(tree) - FIELD_WORDS.keys())
    if unknown:
        return Sentence(UNKNOWN, {"field": unknown[0], "known": ", ".join(FIELD_WORDS)})
    return None


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the fields of a card in it; refuse a field that the card does not have."""
    if (wrong := wrong_in(text)) is not None:
        raise Invalid(fields={"template": wrong})
    has = {name: value for name, value in values.items() if value}
    try:
        return _environment.from_string(text).render(has).strip()
    except UndefinedError:
        missing = sorted(_fields(_environment.parse(text)) - has.keys())
        raise Invalid(fields={"template": Sentence(EMPTY, {"field": missing[0]})}) from None
    except TemplateError:
        raise Invalid(fields={"template": Sentence(BROKEN, {"line": "1"})}) from None


def _fields(tree: nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name)}


def _is_allowed(node: nodes.Node) -> bool:
    return isinstance(node, ALLOWED) and (not isinstance(node, nodes.Filter) or node.name in FILTERS)
