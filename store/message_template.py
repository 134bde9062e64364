"""Template of a message: the administrator's list, in the order in which operators see it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.message import MessageChannel
from store.message import MessageTemplate

_ORDER = (
    col(MessageTemplate.archived_at).is_not(None),
    col(MessageTemplate.channel).desc(),  # SMS before e-mail
    col(MessageTemplate.position),
    col(MessageTemplate.name),
)


async def list_templates(session: AsyncSession) -> Sequence[MessageTemplate]:
    """Return every template, those of SMS first, the archived ones last."""
    return (await session.execute(select(MessageTemplate).order_by(*_ORDER))).scalars().all()


async def list_offered(session: AsyncSession, channel: MessageChannel) -> Sequence[MessageTemplate]:
    """Return the templates that an operator may choose."""
    offered = select(MessageTemplate).where(
        col(MessageTemplate.channel) == channel, col(MessageTemplate.archived_at).is_(None)
    )
    return (await session.execute(offered.order_by(*_ORDER))).scalars().all()


async def lock(session: AsyncSession) -> Sequence[MessageTemplate]:
    """Return every template, locked: two administrators change the list one after the other."""
    locked = select(MessageTemplate).order_by(col(MessageTemplate.id)).with_for_update()
    rows = (await session.execute(locked.execution_options(populate_existing=True))).scalars()
    return sorted(rows, key=lambda row: (row.archived_at is not None, row.position, row.name))


async def find(session: AsyncSession, template_id: UUID) -> MessageTemplate | None:
    """Return a template."""
    return await session.get(MessageTemplate, template_id)


async def find_by_name(session: AsyncSession, channel: MessageChannel, name: str) -> MessageTemplate | None:
    """Return the template of this channel with this name, whatever its letters' case."""
    same = (col(MessageTemplate.channel) == channel, func.lower(col(MessageTemplate.name)) == name.lower())
    return (await session.execute(select(MessageTemplate).where(*same).limit(1))).scalar_one_or_none()


async def add(session: AsyncSession, template: MessageTemplate) -> MessageTemplate:
    """Write a new template."""
    session.add(template)
    await session.flush()
    return template
