"""The process of a message, on a server whose clock may jump; its histories are recorded as those of calls are."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.message import MessageActivities
from schemas.message import MessageChannel, MessageState, Receipt
from store import message
from store.message import Message
from store.message_send import signal_message
from store.session import Database
from telephony.provider import Answer, Verdict
from tests.messaging import ADDRESS, FakeProvider, Post
from tests.workflows.replaying import read_history, replay
from workflows.message import MessageWorkflow

HISTORIES = Path(__file__).parent.parent / "histories" / "message"
RECORDING = os.environ.get("RECORD_HISTORIES") == "1"
THREE_DAYS = 72 * 3600 + 60
TAKEN = Answer(verdict=Verdict.TAKEN, ids=("one",))
NEVER = ApplicationError("never", non_retryable=True)


@pytest.fixture
async def post(fresh_database: Database, time_skipping: WorkflowEnvironment) -> AsyncIterator[Post]:
    async with Post(fresh_database, time_skipping.client).working() as post:
        yield post


async def tell(post: Post, message_id: UUID, state: MessageState) -> None:
    async with post.database.transaction() as session:
        signal_message(session, message_id, "receipt_arrived", Receipt(state=state, at=datetime.now(UTC)))


async def sent(post: Post, *answers: Answer) -> UUID:
    async with post.through(FakeProvider("sms", *answers)):
        [message_id] = await post.send("Ждём Вас.")
        await post.comes_to(message_id, MessageState.SENT)
    return message_id


async def delivered(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    message_id = await sent(post, TAKEN)
    await tell(post, message_id, MessageState.DELIVERED)
    return message_id


async def failed(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    message_id = await sent(post, Answer(verdict=Verdict.LATER), TAKEN)
    await tell(post, message_id, MessageState.FAILED)
    await tell(post, message_id, MessageState.DELIVERED)
    return message_id


async def refused(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    async with post.through(FakeProvider("sms", Answer(verdict=Verdict.REFUSED, why="неверный номер"))):
        [message_id] = await post.send("Ждём Вас.")
        await post.comes_to(message_id, MessageState.FAILED)
    return message_id


async def without_receipt(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    message_id = await sent(post, TAKEN)
    await time_skipping.sleep(THREE_DAYS)
    return message_id


async def given_up(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    """The act of sending ends for good, as it does after three days of trying; the provider may have the message."""
    async with post.through(FakeProvider("sms", NEVER)):
        [message_id] = await post.send("Ждём Вас.")
        await post.comes_to(message_id, MessageState.UNKNOWN)
    return message_id


async def letter(post: Post, time_skipping: WorkflowEnvironment) -> UUID:
    async with post.through(FakeProvider("email", TAKEN)):
        [message_id] = await post.send("Ждём Вас.", to=ADDRESS, channel=MessageChannel.EMAIL)
        await post.comes_to(message_id, MessageState.SENT)
    return message_id


Story = Callable[[Post, WorkflowEnvironment], Awaitable[UUID]]
STORIES: dict[Story, MessageState] = {
    delivered: MessageState.DELIVERED,
    failed: MessageState.FAILED,
    refused: MessageState.FAILED,
    without_receipt: MessageState.UNKNOWN,
    given_up: MessageState.UNKNOWN,
    letter: MessageState.SENT,
}


@pytest.mark.parametrize("story", STORIES)
async def test_a_message_ends_as_it_should_and_its_history_replays(
    story: Story, post: Post, time_skipping: WorkflowEnvironment
) -> None:
    message_id = await story(post, time_skipping)
    assert await post.process(message_id).result() == STORIES[story]
    assert (await post.row(message_id)).state is STORIES[story]
    history = await post.process(message_id).fetch_history()
    await replay(history, MessageWorkflow)
    if RECORDING:
        HISTORIES.mkdir(parents=True, exist_ok=True)
        nobody = re.sub(r'"identity": *"[^"]*"', '"identity": "nobody"', history.to_json())
        nobody = re.sub(r'"stackTrace": *".*"', '"stackTrace": ""', nobody)  # it names this machine
        (HISTORIES / f"{story.__name__}.json").write_text(nobody + "\n")


@pytest.mark.parametrize("story", STORIES)
async def test_an_old_history_replays(story: Story) -> None:
    await replay(read_history(HISTORIES / f"{story.__name__}.json"), MessageWorkflow)


async def test_what_was_never_submitted_is_said_to_be_not_sent(fresh_database: Database) -> None:
    row = Message(id=uuid4(), channel=MessageChannel.SMS, address="+79991230001", text="Ждём Вас.")
    async with fresh_database.transaction() as session:
        await message.add(session, row)
    assert await MessageActivities(fresh_database).expire_message(row.id) is MessageState.FAILED
