"""Any of our processes may die in mid-talk: the call finishes, once (I2; faults F1 and F2)."""

from collections.abc import Iterator

import pytest

from tests.e2e.whole import Citizen, Operator, Whole
from tests.worker.running import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def talk(whole: Whole) -> Iterator[tuple[Operator, Citizen, str]]:
    """Анна talks with Ольга."""
    assert until(whole.is_ready, 30)
    olga, anna = Operator(whole), Citizen(whole)
    olga.go_on_line()
    call = anna.phone()
    olga.answer()
    olga.wait(f"/calls/{call}", lambda it: it["stage"] == "talking")
    yield olga, anna, call
    olga.http.close()
    anna.http.close()


@pytest.mark.parametrize("program", ["worker", "web", "relay"])
def test_a_process_killed_in_mid_talk_costs_no_call(
    whole: Whole, talk: tuple[Operator, Citizen, str], program: str
) -> None:
    olga, anna, call = talk
    whole.kill_one(program)
    anna.hang_up()
    olga.wait(f"/calls/{call}", lambda it: it["stage"] == "post_processing")
    assert olga.finish(call, "После сбоя").status_code == 200
    ended = olga.wait(f"/calls/{call}", lambda it: it["stage"] == "finished")
    kinds = [event["kind"] for event in olga.ask("GET", f"/calls/{call}/events").json()]
    assert (ended["comment"], kinds.count("finished"), kinds.count("talk_ended")) == ("После сбоя", 1, 1)


def test_finish_twice_over_a_restart_of_the_worker_keeps_the_first(
    whole: Whole, talk: tuple[Operator, Citizen, str]
) -> None:
    olga, anna, call = talk
    anna.hang_up()
    olga.wait(f"/calls/{call}", lambda it: it["stage"] == "post_processing")
    first = olga.finish(call, "Первый", key="the-first-form")
    whole.kill_one("worker")
    second = olga.finish(call, "Второй", key="the-second-form")
    again = olga.finish(call, "Первый", key="the-first-form")
    assert (first.status_code, second.status_code, again.json()) == (200, 409, first.json())
    assert olga.ask("GET", f"/calls/{call}").json()["comment"] == "Первый"


def test_nothing_was_left_to_the_net(whole: Whole, talk: tuple[Operator, Citizen, str]) -> None:
    olga, anna, call = talk
    anna.hang_up()
    olga.wait(f"/calls/{call}", lambda it: it["stage"] == "post_processing")
    olga.finish(call)
    metrics = olga.http.get(f"{whole.url}/metrics").text
    assert "pult_rescued_by_net 0.0" in metrics.replace("_total", "")


def test_a_raw_history_holds_neither_name_nor_number(whole: Whole, talk: tuple[Operator, Citizen, str]) -> None:
    olga, anna, call = talk
    anna.hang_up()
    olga.wait(f"/calls/{call}", lambda it: it["stage"] == "post_processing")
    olga.finish(call, "Анна Сергеевна Белова просила справку")
    stored = b"".join(path.read_bytes() for path in whole.place.root.glob("temporal.db*"))
    assert f"call-{call}".encode() in stored
    for secret in ("Анна Сергеевна", "Белова", "9161234567", "Ольга Петровна"):
        assert secret.encode() not in stored
