"""Whatever happens in whatever order, routing keeps its promises (I1, I4, I5, I7; nothing is left to the net)."""

# ruff: noqa: B007, B023 - an act defined in or before a loop runs before the loop goes on

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage, DialOutcome, OfferState, Party, StartCall
from schemas.call_order import FinishService, TransferCall
from schemas.call_state import Transfer, TransferEnd
from schemas.desk import DeskStatus
from schemas.errors import Conflict
from store import call_finish, call_offer, call_stage, call_transfer, call_voice, desk, queue
from store.base import routing_lock
from store.session import Database
from tests.store.routing import RoutingTable

BY_HAND = st.sampled_from([DeskStatus.INCOMING, DeskStatus.OUTGOING, DeskStatus.BREAK])
WHICH = st.integers(0, 2)


class Routing(RoutingTable):
    """Three desks on one queue; calls come, ring, are missed, answered, handed over, lost, finished, given up."""

    @initialize()
    def open_the_centre(self) -> None:
        self.settle_in()
        for nth in range(2):  # a talk, and a colleague: what chance alone would seldom bring about
            self.change_status(nth, DeskStatus.INCOMING)
        self.phone_in(0)
        self.answer(0)

    @rule(nth=WHICH, status=BY_HAND)
    def change_status(self, nth: int, status: DeskStatus) -> None:
        async def ask(session: AsyncSession) -> None:
            await routing_lock(session)
            await desk.ask_status(session, await desk.get(session, self.desks[nth]), status)
            await session.flush()
            await queue.match(session)

        self.do(ask)

    @rule(nth=WHICH)
    def lose_and_regain_the_phone(self, nth: int) -> None:
        async def lose(session: AsyncSession) -> None:
            gone = text("UPDATE desk_presence SET lease_until = clock_timestamp() WHERE desk_id = :d")
            await session.execute(gone, {"d": self.desks[nth]})

        async def regain(session: AsyncSession) -> None:
            await routing_lock(session)
            await desk.come_back(session, self.desks[nth])
            back = text("UPDATE desk_presence SET lease_until = 'infinity' WHERE desk_id = :d")
            await session.execute(back, {"d": self.desks[nth]})
            await queue.match(session)

        self.do(lose)
        self.do(desk.expire_leases)
        self.do(regain)

    @rule(priority=st.sampled_from([0, 0, 5]))
    def phone_in(self, priority: int) -> None:
        inbound = StartCall(
            call_id=uuid4(), leg_id="c", number="+79161234567", dialled="+74951234567", at=datetime.now(UTC)
        )

        async def arrive(session: AsyncSession) -> None:
            call = await call_stage.add(session, inbound, await queue.find_by_number(session, inbound.dialled))
            call.priority = priority

        async def seek(session: AsyncSession) -> None:
            await routing_lock(session)
            await queue.match(session, asking=inbound.call_id)

        self.do(arrive)
        self.do(seek)

    @rule(nth=WHICH, seconds=st.just(20))
    def take(self, nth: int, seconds: int) -> None:
        for offer in self.open_offers()[nth : nth + 1]:
            self.do(lambda session: call_offer.take(session, offer.token, seconds))

    @rule(nth=WHICH, why=st.sampled_from([OfferState.MISSED, OfferState.DECLINED, OfferState.VOID]))
    def let_it_ring_out(self, nth: int, why: OfferState) -> None:
        async def put_back(session: AsyncSession) -> None:
            await routing_lock(session)
            call = await call_stage.lock(session, offer.call_id)
            if await call_offer.close(session, offer.token, why, misses_to_break=3):
                call.stage = CallStage.WAITING
            await session.flush()
            await queue.match(session, asking=call.id)

        for offer in self.open_offers()[nth : nth + 1]:
            self.do(put_back)

    @rule(nth=WHICH, to=WHICH, consult=st.booleans())
    def begin_to_hand_over(self, nth: int, to: int, consult: bool) -> None:
        async def begin(session: AsyncSession) -> None:
            await routing_lock(session)
            order = TransferCall(key=str(uuid4()), actor_id=call.employee_id, desk_id=self.desks[to], consult=consult)
            with suppress(Conflict):
                await call_transfer.begin_at_desk(session, await call_stage.lock(session, call.id), order)

        for call in self.talking()[nth : nth + 1]:
            self.do(begin)

    @rule(nth=WHICH, how=st.sampled_from([*TransferEnd]))
    def end_a_hand_over(self, nth: int, how: TransferEnd) -> None:
        async def settle(session: AsyncSession) -> None:
            await routing_lock(session)
            call = await call_stage.lock(session, offer.call_id)
            at = datetime.now(UTC)
            what = {"token": offer.token, "employee_id": offer.employee_id, "consult": offer.consult}
            transfer = Transfer(key=str(offer.token), by=call.employee_id, leg_id="t", **what)
            if offer.consult and how is not TransferEnd.DROPPED:
                await call_transfer.answer(session, call, transfer, at)
            if how is TransferEnd.HANDED:
                await call_transfer.hand(session, call, transfer, at)
            else:
                await call_transfer.fail(session, call, transfer, how, DialOutcome.NO_ANSWER)
            if how is TransferEnd.DROPPED:
                await call_stage.end_talk(session, call, at, Party.CITIZEN)
            await session.flush()
            await queue.match(session)

        for offer in self.open_targets()[nth : nth + 1]:
            self.do(settle)

    @rule(nth=WHICH)
    def lose_the_page_in_a_talk(self, nth: int) -> None:
        async def leave(session: AsyncSession) -> None:
            await routing_lock(session)
            await call_voice.leave_desk(session, await call_stage.lock(session, call.id), "page_lost")
            await queue.match(session)

        for call in self.talking()[nth : nth + 1]:
            self.do(leave)

    @rule(nth=WHICH)
    def answer(self, nth: int) -> None:
        async def connect(session: AsyncSession) -> None:
            call = await call_stage.lock(session, offer.call_id)
            assert await call_stage.connect(session, call, offer.token, datetime.now(UTC))

        for offer in self.open_offers()[nth : nth + 1]:
            self.do(connect)

    @rule(nth=WHICH)
    def hang_up(self, nth: int) -> None:
        async def end_talk(session: AsyncSession) -> None:
            await call_stage.end_talk(
                session, await call_stage.lock(session, call.id), datetime.now(UTC), Party.CITIZEN
            )

        for call in self.talking()[nth : nth + 1]:
            self.do(end_talk)

    @rule(nth=WHICH, status=st.none() | BY_HAND)
    def finish(self, nth: int, status: DeskStatus | None) -> None:
        async def finish(session: AsyncSession) -> None:
            await routing_lock(session)
            key = {"key": str(uuid4()), "actor_id": left.employee_id, "actor_name": "О"}
            order = FinishService(**key, reasons=(left.reason_id,), next_status=status)
            call = await call_stage.lock(session, left.call_id)
            servings = await call_stage.list_live_servings(session, call.id)
            serving = next(one for one in servings if one.employee_id == left.employee_id)
            await call_finish.finish(session, call, serving, order, is_last=len(servings) == 1)
            await queue.match(session)

        for left in self.all(
            "SELECT s.call_id, s.employee_id, r.id AS reason_id FROM serving s, reason r "
            "WHERE s.ended_at IS NOT NULL AND s.finished_at IS NULL ORDER BY s.id"
        )[nth : nth + 1]:
            self.do(finish)

    @rule(nth=WHICH)
    def give_up(self, nth: int) -> None:
        async def abandon(session: AsyncSession) -> None:
            await routing_lock(session)
            await call_stage.end(session, await call_stage.lock(session, call.id), CallStage.ABANDONED, Party.CITIZEN)
            await queue.match(session)

        waiting = self.all("SELECT id FROM call WHERE stage IN ('waiting', 'ringing') ORDER BY queued_at, id")
        for call in waiting[nth : nth + 1]:
            self.do(abandon)

    @invariant()
    def nobody_waits_while_a_desk_is_free(self) -> None:
        assert self.do(queue.match_all) == 0

    @invariant()
    def a_ringing_desk_had_asked_for_calls(self) -> None:
        """I4: a reserved desk is in «Входящие» until its serving ends."""
        assert not self.all(
            "SELECT 1 FROM serving s JOIN desk d ON d.id = s.desk_id "
            "WHERE s.finished_at IS NULL AND d.status <> 'incoming'"
        )

    @invariant()
    def nobody_was_overtaken(self) -> None:
        """I5: whoever waits came later, or with less priority, than whoever was offered first and rings now."""
        assert not self.all(
            "SELECT 1 FROM call w, call r JOIN offer o ON o.call_id = r.id AND o.state = 'made' "
            "WHERE w.stage = 'waiting' AND (w.priority > r.priority OR (w.priority = r.priority "
            "AND w.queued_at < r.queued_at)) AND w.queued_at < o.made_at "
            "AND NOT EXISTS (SELECT FROM offer x WHERE x.call_id = w.id)"
        )

    @invariant()
    def every_live_call_holds_what_its_stage_says(self) -> None:
        """I1, I2: one open offer while it rings, one desk that has the citizen in a talk, words left until the end."""
        assert not self.all(
            "SELECT 1 FROM call c, LATERAL (SELECT count(*) FILTER (WHERE ended_at IS NULL AND role = 'main' "
            "AND answered_at IS NULL) AS rung, count(*) FILTER (WHERE ended_at IS NULL AND answered_at IS NOT NULL "
            "AND role <> 'consult') AS talks, count(*) AS live FROM serving s "
            "WHERE s.call_id = c.id AND s.finished_at IS NULL) s, "
            "LATERAL (SELECT count(*) AS open FROM offer o WHERE o.call_id = c.id "
            "AND o.state IN ('made', 'ringing')) o "
            "WHERE s.rung <> (c.stage = 'ringing')::int OR s.talks <> (c.stage = 'talking')::int "
            "OR (c.stage = 'post_processing' AND s.live = 0) OR (c.stage = 'finished' AND s.live > 0) "
            "OR (c.stage = 'ringing' AND o.open <> 1) OR (c.stage NOT IN ('ringing', 'talking') AND o.open > 0)"
        )

    @invariant()
    def the_states_of_a_desk_join_without_a_gap(self) -> None:
        """I7: each interval begins where the one before it ended; PostgreSQL itself refuses an overlap."""
        assert not self.all(
            "SELECT 1 FROM (SELECT lower(during) AS begins, lag(upper(during)) OVER "
            "(PARTITION BY desk_id ORDER BY lower(during)) AS ended FROM desk_interval) i "
            "WHERE ended IS NOT NULL AND begins <> ended"
        )
        assert not self.all(
            "SELECT 1 FROM desk d WHERE (SELECT status FROM desk_interval i WHERE i.desk_id = d.id "
            "AND upper_inf(during)) <> d.status"
        )


@pytest.mark.timeout(300)
def test_routing_keeps_its_promises_in_any_order(fresh_database: Database) -> None:
    Routing.url = fresh_database.engine.url.render_as_string(hide_password=False)
    few = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Routing, settings=few)  # type: ignore[no-untyped-call]
