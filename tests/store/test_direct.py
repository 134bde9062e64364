"""The short ways of a session do what the ORM would do."""

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import SQLModel

from schemas.base import id_from
from schemas.desk import DeskStatus
from store.call import Reason
from store.direct import load
from store.direct_row import shape_of
from store.queue import Queue, QueueMember
from store.session import Database


async def test_a_new_row_knows_what_the_database_added(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        queue = Queue(name="Жалобы", after_lapse=DeskStatus.BREAK)
        session.add(queue)
        await session.flush()
        assert queue.id is not None
        assert await session.get(Queue, queue.id) is queue
    async with fresh_database.reading() as session:
        found = await session.get_one(Queue, queue.id)
        assert (found.name, found.after_lapse, found.hours) == ("Жалобы", DeskStatus.BREAK, None)
        assert (found.choice_seconds, found.recorded) == (60, True)


async def test_a_change_is_written_before_the_next_statement(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        session.add(reason := Reason(name="Жалоба"))
        await session.flush()
        reason.name = "Вопрос"
        names = (await session.execute(text("SELECT name FROM reason"))).scalars().all()
        assert names == ["Вопрос"]
        assert not session.dirty


async def test_what_the_short_way_cannot_say_takes_the_long_one(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        session.add(queue := Queue(name="Жалобы", hours={"mon": [["09:00", "18:00"]]}))
        await session.flush()
        queue.hours, queue.name = None, func.upper("записи")  # type: ignore[assignment]
    async with fresh_database.reading() as session:
        row = (await session.execute(text("SELECT name, hours FROM queue"))).one()
        assert (row.name, row.hours) == ("ЗАПИСИ", None)


async def test_a_locked_row_is_read_anew(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        session.add(reason := Reason(name="Жалоба"))
        await session.flush()
        await session.execute(text("UPDATE reason SET name = 'Вопрос'"))
        assert (await session.get_one(Reason, reason.id)).name == "Жалоба"
        assert await session.get_one(Reason, reason.id, with_for_update=True) is reason
        assert reason.name == "Вопрос"


async def test_rows_of_a_text_are_the_session_s_objects(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        session.add(Reason(name="Жалоба"))
        (reason,) = await load(session, Reason, text("SELECT * FROM reason WHERE name = :name"), {"name": "Жалоба"})
        reason.position = 7
    async with fresh_database.reading() as session:
        assert (await session.execute(text("SELECT position FROM reason"))).scalar_one() == 7


async def test_failures_are_the_library_s_own(fresh_database: Database) -> None:
    with pytest.raises(IntegrityError) as error:
        async with fresh_database.transaction() as session:
            session.add(QueueMember(queue_id=id_from("x"), employee_id=id_from("y")))
    assert "INSERT INTO queue_member" in str(error.value)
    async with fresh_database.reading() as session:
        with pytest.raises(NoResultFound):
            await session.get_one(Reason, id_from("nobody"))


async def test_a_row_that_has_gone_is_not_changed_silently(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        session.add(reason := Reason(name="Жалоба"))
        await session.flush()
        await session.execute(text("DELETE FROM reason"))
        reason.name = "Вопрос"
        with pytest.raises(StaleDataError):
            await session.flush()
        session.expunge(reason)


def test_every_table_has_its_way() -> None:
    kinds = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    long_way = {kind.__name__ for kind in kinds if shape_of(kind) is None}
    assert len(kinds) > len(long_way) + 20
    assert not long_way & {"Call", "Serving", "Offer", "Desk", "Queue", "CallEvent", "LineLeg", "LineSignal", "Outbox"}
