"""Web line: pages left open under a number, which can be called."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.line import LegState
from store import live
from store.base import created_column
from store.line import LineLeg

ALIVE = timedelta(seconds=15)
"""A page says each 4 s that it is there."""
FORGOTTEN = timedelta(hours=1)


class LinePage(SQLModel, table=True):
    """A telephone page that waits for calls. `confirmed`: the number is known to be its user's."""

    __tablename__ = "line_page"
    __table_args__ = (Index("ix_line_page_number", "number", "seen_at"),)
    id: UUID = Field(primary_key=True)
    number: str
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    confirmed: bool = False
    created_at: datetime = created_column()
    seen_at: datetime = created_column()


async def add(session: AsyncSession, page: LinePage) -> LinePage:
    """Add a page; a repeat returns the one there is."""
    there = await session.get(LinePage, page.id)
    if there is not None:
        return there
    session.add(page)
    await session.flush()
    return page


async def find(session: AsyncSession, page_id: UUID) -> LinePage | None:
    """Return the page."""
    return await session.get(LinePage, page_id)


async def find_callable(session: AsyncSession, number: str) -> LinePage | None:
    """Return the page that would ring for this number, locked: confirmed, alive, the one that was heard last.

    Of two who call one number at the same time the second waits here, and finds it busy.
    """
    alive = col(LinePage.seen_at) > func.clock_timestamp() - ALIVE
    pages = select(LinePage).where(col(LinePage.number) == number, col(LinePage.confirmed), alive)
    heard_last = pages.order_by(col(LinePage.seen_at).desc()).limit(1).with_for_update()
    return (await session.execute(heard_last, execution_options={"populate_existing": True})).scalar_one_or_none()


async def find_leg(session: AsyncSession, page: LinePage) -> LineLeg | None:
    """Return the open leg that calls the page, or in which it talks."""
    # The number stands in an index, the page does not.
    mine = (col(LineLeg.number) == page.number, col(LineLeg.page_id) == page.id, col(LineLeg.state) != LegState.ENDED)
    legs = select(LineLeg).where(*mine).order_by(col(LineLeg.created_at).desc()).limit(1)
    return (await session.execute(legs)).scalar_one_or_none()


async def count_recent(session: AsyncSession, number: str, since: timedelta) -> int:
    """Return how many pages were opened under the number in this time."""
    recent = col(LinePage.created_at) > func.clock_timestamp() - since
    pages = select(func.count()).select_from(LinePage).where(col(LinePage.number) == number, recent)
    return (await session.execute(pages)).scalar_one()


async def touch(session: AsyncSession, page_id: UUID) -> None:
    """Write that the page is alive; often, so at most each second."""
    stale = col(LinePage.seen_at) < func.clock_timestamp() - timedelta(seconds=1)
    mine = update(LinePage).where(col(LinePage.id) == page_id, stale)
    await session.execute(mine.values(seen_at=func.clock_timestamp()).execution_options(synchronize_session=False))


async def remove(session: AsyncSession, page_id: UUID) -> None:
    """Forget a page that was closed."""
    await session.execute(delete(LinePage).where(col(LinePage.id) == page_id))


async def prune(session: AsyncSession) -> int:
    """Forget the pages that have not been heard for long; return how many."""
    old = text("DELETE FROM line_page WHERE seen_at < clock_timestamp() - CAST(:forgotten AS interval)")
    return (await session.execute(old, {"forgotten": FORGOTTEN})).rowcount  # type: ignore[attr-defined, no-any-return]


def tell(session: AsyncSession, page_id: UUID) -> None:
    """Say to the page that somebody calls it."""
    live.notice(session, live.leg(page_id), "leg", page_id)
