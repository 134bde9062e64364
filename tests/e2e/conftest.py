"""One whole Пульт for the tests that drive it from outside."""

from collections.abc import Iterator

import pytest

from tests.e2e.kit import browser, chromium, gallery, page  # noqa: F401 - fixtures
from tests.e2e.line_house import house  # noqa: F401 - a fixture
from tests.e2e.whole import Whole


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Started once a run, with the demo centre; stopped cleanly at the end."""
    running = Whole(tmp_path_factory.mktemp("whole") / "var")
    running.started()
    yield running
    running.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever kills in the shared Пульт comes after those that drive it."""
    items.sort(key=lambda item: item.path.name == "test_kill.py")
