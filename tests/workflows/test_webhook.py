"""A delivery is tried for three days, whatever dies; its receiver sees one id and a true signature."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.webhook import WebhookActivities
from activities.webhook_address import INSIDE, Guard
from activities.webhook_post import Post
from activities.webhook_seal import Seal
from schemas.call import CallStage
from schemas.errors import Conflict, Invalid
from schemas.message import MessageChannel, MessageState
from schemas.subscriber import SaveSubscriber
from schemas.webhook import PAUSES, DeliveryState, DeliveryView, SaveWebhook, WebhookEvent, sign
from services import webhook as webhooks
from services.webhook import Keeper, Means
from store import message, message_send, subscriber
from store.message import Message
from tests.centre import Centre
from tests.people import ANNA, ANNA_NUMBER
from tests.receiver import Got, Receiver, receiving
from tests.workflows.replaying import read_history, replay
from worker.temporal import sandboxed_runner
from worker.webhook import webhook_worker
from workflows.webhook import SPREAD, WebhookWorkflow

HISTORIES = Path(__file__).parent.parent / "histories" / "webhook"
RECORDING = os.environ.get("RECORD_HISTORIES") == "1"
SEAL = Seal({"k": b"k" * 32})
MEANS = Means(Guard(allow_internal=True), SEAL)


class Hooks:
    """One address, and what becomes of what is sent there."""

    def __init__(self, centre: Centre, clock: WorkflowEnvironment) -> None:
        self.centre, self.clock = centre, clock
        self.secret, self.id = "", UUID(int=0)

    @asynccontextmanager
    async def keeper(self, means: Means = MEANS) -> AsyncIterator[Keeper]:
        async with self.centre.database.transaction() as session:
            yield Keeper(session, means, self.centre.people.admin.id)

    async def add(self, url: str, *events: WebhookEvent) -> None:
        typed = SaveWebhook(name="АИС МФЦ", url=url, events=events or (WebhookEvent.CALL_FINISHED,))
        async with self.keeper() as keeper:
            issued = await webhooks.create_webhook(keeper, typed)
        self.secret, self.id = issued.secret, issued.id

    async def ping(self, key: str = "ping-key-1") -> UUID:
        async with self.keeper() as keeper:
            return (await webhooks.ping_webhook(keeper, self.id, key)).id

    @asynccontextmanager
    async def working(self, guard: Guard = MEANS.guard) -> AsyncIterator[None]:
        """A worker at work."""
        acts = WebhookActivities(self.centre.database, SEAL, Post(guard))
        async with webhook_worker(self.centre.temporal, self.centre.prefix, acts, sandboxed_runner()):
            yield

    async def ends(self, delivery_id: UUID) -> DeliveryState:
        """Return how a delivery ended; the clock jumps over each pause."""
        for number, pause in enumerate((*PAUSES, timedelta()), start=1):
            async with asyncio.timeout(10):
                while (row := await self.row(delivery_id)).attempts < number and row.state is DeliveryState.WAITING:
                    await asyncio.sleep(0.01)
            if row.state is not DeliveryState.WAITING:
                break
            await self.clock.sleep(pause * (1 + SPREAD))
        return row.state

    async def row(self, delivery_id: UUID) -> DeliveryView:
        return next(row for row in await self.journal() if row.id == delivery_id)

    async def journal(self) -> list[DeliveryView]:
        async with self.keeper() as keeper:
            return (await webhooks.list_deliveries(keeper, self.id))[0]


@pytest.fixture
def hooks(centre: Centre, time_skipping: WorkflowEnvironment) -> Hooks:
    return Hooks(centre, time_skipping)


def is_signed(got: Got, secret: str) -> bool:
    said = (got.headers["webhook-id"], int(got.headers["webhook-timestamp"]), got.body)
    return sign(secret, *said) in got.headers["webhook-signature"].split(" ")


async def test_the_end_of_a_call_is_told_once_and_signed(hooks: Hooks) -> None:
    async with receiving(200) as receiver, hooks.working():
        await hooks.add(receiver.url)
        ring = await hooks.centre.serve()
        assert not await hooks.journal()
        await hooks.centre.finish(ring.call_id)
        [row] = await hooks.journal()
        assert await hooks.ends(row.id) is DeliveryState.DELIVERED
        [got] = receiver.got
        assert is_signed(got, hooks.secret)
        told = {"call_id": str(ring.call_id), "stage": CallStage.FINISHED}
        assert json.loads(got.body) | {"timestamp": ""} == {"type": "call.finished", "timestamp": "", "data": told}


async def test_nobody_subscribed_costs_no_row(hooks: Hooks) -> None:
    await hooks.add("http://127.0.0.1:1/", WebhookEvent.SUBSCRIBER_CHANGED)
    ring = await hooks.centre.serve()
    await hooks.centre.finish(ring.call_id)
    assert await hooks.centre.sql("SELECT count(*) FROM webhook_delivery") == 0


async def test_an_event_commits_with_its_cause_or_not_at_all(hooks: Hooks) -> None:
    await hooks.add("http://127.0.0.1:1/", WebhookEvent.SUBSCRIBER_CHANGED, WebhookEvent.MESSAGE_STATE_CHANGED)
    sms = Message(id=uuid4(), channel=MessageChannel.SMS, address=ANNA_NUMBER, text="Ждём Вас.")
    with suppress(ZeroDivisionError):
        async with hooks.centre.database.transaction() as session:
            await subscriber.add(session, SaveSubscriber(full_name=ANNA))
            raise ZeroDivisionError
    assert await hooks.journal() == []
    async with hooks.centre.database.transaction() as session:
        card = await subscriber.add(session, SaveSubscriber(full_name=ANNA))
        await message.add(session, sms)
        await message_send.change(session, sms, MessageState.SENT)
    told = await hooks.centre.sql("SELECT string_agg(told::text, '') FROM webhook_delivery")
    assert [str(card.id) in told, str(sms.id) in told, ANNA in told, ANNA_NUMBER in told] == [True, True, False, False]


async def test_it_is_tried_again_until_it_arrives_under_one_id(hooks: Hooks) -> None:
    async with receiving(500, 302, 429, 204) as receiver, hooks.working():
        await hooks.add(receiver.url)
        assert await hooks.ends(await hooks.ping()) is DeliveryState.DELIVERED
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
        [row] = await hooks.journal()
        assert (len(receiver.got), row.attempts, row.code) == (4, 4, 204)


async def test_after_three_days_it_has_failed_and_may_be_sent_again(hooks: Hooks) -> None:
    async with receiving(*[500] * 10, 200) as receiver, hooks.working():
        await hooks.add(receiver.url)
        delivery_id, began = await hooks.ping(), await hooks.clock.get_current_time()
        assert await hooks.ends(delivery_id) is DeliveryState.FAILED
        assert await hooks.clock.get_current_time() - began > timedelta(days=3)
        async with hooks.keeper() as keeper:
            await webhooks.resend(keeper, hooks.id, delivery_id)
        assert await hooks.ends(delivery_id) is DeliveryState.DELIVERED
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
        assert len(receiver.got) == 11


async def test_a_worker_that_is_killed_in_the_middle_loses_nothing(hooks: Hooks) -> None:
    async with receiving(200, answers=False) as receiver:
        await hooks.add(receiver.url)
        async with hooks.working():
            delivery_id = await hooks.ping()
            await arrives(receiver, 1)
        receiver.hold.set()
        async with hooks.working():
            assert await hooks.ends(delivery_id) is DeliveryState.DELIVERED
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


async def arrives(receiver: Receiver, times: int) -> None:
    async with asyncio.timeout(10):
        while len(receiver.got) < times:
            await asyncio.sleep(0.01)


async def test_an_internal_address_is_refused_when_it_is_saved_and_when_it_is_reached(hooks: Hooks) -> None:
    guarded = Means(Guard(), SEAL)
    async with receiving(200) as receiver, hooks.working(guarded.guard):
        typed = SaveWebhook(name="Чужой", url=receiver.url.replace("http:", "https:"), events=("call.finished",))
        with pytest.raises(Invalid) as refused:
            async with hooks.keeper(guarded) as keeper:
                await webhooks.create_webhook(keeper, typed)
        assert refused.value.fields == {"url": INSIDE}
        await hooks.add(typed.url)  # as if its name had led elsewhere when it was saved
        assert await hooks.ends(await hooks.ping()) is DeliveryState.FAILED
        [row] = await hooks.journal()
        assert (row.attempts, row.code, row.answer, receiver.got) == (1, None, INSIDE, [])


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(hooks: Hooks) -> None:
    async with receiving(200) as receiver, hooks.working():
        await hooks.add(receiver.url)
        async with hooks.keeper() as keeper:
            new = (await webhooks.rotate_secret(keeper, hooks.id)).secret
        await hooks.ends(await hooks.ping("within-a-day"))
        await hooks.centre.sql("UPDATE webhook SET previous_until = clock_timestamp() RETURNING 1")
        await hooks.ends(await hooks.ping("after-a-day"))
        signed = [(is_signed(got, hooks.secret), is_signed(got, new)) for got in receiver.got]
        assert signed == [(True, True), (False, True)]
        assert hooks.secret.encode() not in await hooks.centre.sql("SELECT previous_secret FROM webhook")


async def test_a_receiver_that_is_gone_is_not_bothered_any_more(hooks: Hooks) -> None:
    async with receiving(410) as receiver, hooks.working():
        await hooks.add(receiver.url)
        assert await hooks.ends(await hooks.ping()) is DeliveryState.FAILED
        assert isinstance(await hooks.centre.sql("SELECT stopped_at FROM webhook"), datetime)
        with pytest.raises(Conflict):
            await hooks.ping("another-key")


async def arrived(hooks: Hooks) -> UUID:
    async with receiving(500, 200) as receiver:
        await hooks.add(receiver.url)
        delivery_id = await hooks.ping()
        await hooks.ends(delivery_id)
        return delivery_id


async def given_up(hooks: Hooks) -> UUID:
    async with receiving(500) as receiver:
        await hooks.add(receiver.url)
        delivery_id = await hooks.ping()
        await hooks.ends(delivery_id)
        return delivery_id


Story = Callable[[Hooks], Awaitable[UUID]]
STORIES: list[Story] = [arrived, given_up]


@pytest.mark.parametrize("story", STORIES)
async def test_a_new_history_replays(story: Story, hooks: Hooks) -> None:
    async with hooks.working():
        handle = hooks.centre.temporal.get_workflow_handle(f"webhook-{await story(hooks)}")
        await handle.result()
        history = await handle.fetch_history()
    await replay(history, WebhookWorkflow)
    if RECORDING:
        HISTORIES.mkdir(parents=True, exist_ok=True)
        nobody = re.sub(r'"identity": *"[^"]*"', '"identity": "nobody"', history.to_json())
        (HISTORIES / f"{story.__name__}.json").write_text(nobody + "\n")


@pytest.mark.parametrize("story", STORIES)
async def test_an_old_history_replays(story: Story) -> None:
    await replay(read_history(HISTORIES / f"{story.__name__}.json"), WebhookWorkflow)
