"""The table of rights says what Table 2 of the manual says."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from schemas.errors import Forbidden
from schemas.staff import Actor, Role
from services.access import RIGHTS, is_own_only, may, require


@dataclass
class Call:
    participants: tuple[UUID, ...] = ()


def actor(role: Role) -> Actor:
    return Actor(employee_id=uuid4(), session_id=uuid4(), role=role, roles=(role,), full_name="Кто-то")


def verbs(role: Role) -> set[str]:
    return {verb for verb in RIGHTS if may(actor(role), verb)}


EVERYBODYS = {"staff.stay", "staff.change_role", "staff.log_out"}
READS = {"knowledge.read_module", "knowledge.read_region", "knowledge.keep_notes"}


def test_a_knowledge_user_reads_knowledge_and_keeps_notes_only() -> None:
    assert verbs(Role.KNOWLEDGE_USER) == EVERYBODYS | READS


def test_an_administrator_has_no_telephone() -> None:
    own = {word.split(".")[0] for word in verbs(Role.ADMINISTRATOR)}
    assert own == {"staff", "audit", "queue", "line", "directory", "integration", "message", "knowledge"}
    assert not verbs(Role.ADMINISTRATOR) & {"line.use", "message.send", "message.read", "message.list"}


def test_an_operator_edits_no_common_article_and_no_people() -> None:
    assert not verbs(Role.OPERATOR) & {"knowledge.edit_module", "knowledge.edit_region", "staff.create", "call.listen"}
    assert verbs(Role.OPERATOR) >= {"call.take", "call.place", "message.send", "booking.make", "task.work", "chat.use"}


def test_a_supervisor_listens_reports_and_hands_out_tasks() -> None:
    tasks = {"task.create", "task.edit", "task.delete", "task.assign"}
    assert verbs(Role.SUPERVISOR) >= tasks | {"call.listen", "call.listen_voicemail", "report.make", "desk.list"}
    assert not verbs(Role.SUPERVISOR) & {"message.send", "booking.make", "knowledge.edit_module", "staff.create"}


def test_an_operator_reaches_only_the_calls_he_took_part_in() -> None:
    olga = actor(Role.OPERATOR)
    assert may(olga, "call.read", Call((olga.employee_id,)))
    assert not may(olga, "call.read", Call((uuid4(),)))
    assert may(actor(Role.SUPERVISOR), "call.read", Call((uuid4(),)))
    assert is_own_only(olga, "call.list")


def test_a_refusal_is_a_refusal() -> None:
    with pytest.raises(Forbidden):
        require(actor(Role.OPERATOR), "staff.create")


def test_an_unknown_verb_is_our_mistake_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        may(actor(Role.OPERATOR), "call.teleport")
