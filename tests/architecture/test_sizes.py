"""Small files and small functions: what does not fit in a head is split by word, not by «utils»."""

from collections.abc import Iterator

from tests.architecture.tree import LAYERS, functions, length, modules, read

MODULE, FUNCTION, TEST, ROUTE = 300, 40, 15, 10
VERBS = {"get", "post", "put", "patch", "delete"}


def too_long(source: str, limit: int, prefix: str = "") -> Iterator[str]:
    """Yield the functions whose name begins so and that have more lines."""
    for function in functions(source):
        if function.name.startswith(prefix) and length(function) > limit:
            yield f"{function.name}: {length(function)} > {limit}"


def long_routes(source: str) -> Iterator[str]:
    """Yield the route functions whose body has more lines: a route parses, calls one service and renders."""
    for function in functions(source):
        decorators = [ast_name for d in function.decorator_list if (ast_name := attribute(d))]
        body = (function.end_lineno or 0) - function.body[0].lineno + 1
        if VERBS & set(decorators) and body > ROUTE:
            yield f"{function.name}: {body} > {ROUTE}"


def attribute(decorator: object) -> str:
    return str(getattr(getattr(decorator, "func", None), "attr", ""))


def found(names: list[str], look: object) -> list[str]:
    return [f"{name} {what}" for name in names for what in look(read(name))]  # type: ignore[operator]


def test_modules_are_small() -> None:
    sizes = {name: read(name).count("\n") for name in modules()}
    assert {name: size for name, size in sizes.items() if size > MODULE} == {}


def test_functions_are_small() -> None:
    assert found(modules(), lambda source: too_long(source, FUNCTION)) == []


def test_tests_are_small() -> None:
    assert found(modules("tests"), lambda source: too_long(source, TEST, "test_")) == []


def test_routes_are_small() -> None:
    assert found(modules("api", "ui"), long_routes) == []


def test_a_long_function_is_noticed() -> None:
    source = "def test_much() -> None:\n" + "    pass\n" * 41
    assert list(too_long(source, FUNCTION)) == ["test_much: 42 > 40"]
    assert list(too_long(source, TEST, "test_")) == ["test_much: 42 > 15"]


def test_a_long_route_is_noticed() -> None:
    source = "@router.post('/x')\nasync def act() -> None:\n    '''Act.'''\n" + "    pass\n" * 10
    assert list(long_routes(source)) == ["act: 11 > 10"]


def test_the_guards_look_at_every_layer() -> None:
    assert {name.split("/")[0] for name in modules()} == {*LAYERS, "tests", "bench"}
