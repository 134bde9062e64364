"""The process of a call."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from activities.call import CallActivities, CloseOffer, Connect, EndCall, EndTalk, RingOperator
from activities.call_dial import ConnectCallee, DialActivities, DialCallee, EndDial
from activities.call_voice import LostPage, VoiceActivities
from schemas.call import CallStage, DialOutcome, OfferState, Party, StartCall
from schemas.call_state import CallState, Talk
from workflows.call_transfer import CallTransfer
from workflows.call_voice import RETURN_WITHIN
from workflows.options import FROM_NEWS

DIAL_FOR = timedelta(seconds=45)
MOST_CHOICE = timedelta(minutes=15)
"""The page itself gives up long before; a message is recorded meanwhile."""


@workflow.defn
class CallWorkflow(CallTransfer):
    """One call from the first ring to the recorded outcome."""

    @workflow.init
    def __init__(self, begun: StartCall) -> None:
        self.state = CallState(call_id=begun.call_id, leg_id=begun.leg_id)
        self._orders = asyncio.Lock()
        self._waiting = []

    @workflow.run
    async def run(self, begun: StartCall) -> CallState:
        if begun.operator_leg_id is None:
            await self._open(begun)
        else:
            await self._dial(begun, begun.operator_leg_id)
        while self.state.stage in (CallStage.WAITING, CallStage.TALKING):
            await self._find_operator()
            await self._ring_operator()
            await self._talk()
        await self._choose()
        await self._post_process()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.state

    # --- the process, step by step

    async def _open(self, begun: StartCall) -> None:
        opened = await workflow.execute_local_activity_method(CallActivities.open_call, begun, **FROM_NEWS)
        self.state.stage, self.state.policy = opened.stage, opened.policy
        if opened.policy.wait_seconds:
            self.state.waits_until = begun.at + timedelta(seconds=opened.policy.wait_seconds)

    async def _dial(self, begun: StartCall, operator_leg_id: str) -> None:
        """Call out; the desk was reserved when the order was taken."""
        self.state.stage = CallStage.RINGING
        dial = DialCallee(call_id=begun.call_id, operator_leg_id=operator_leg_id)
        dialled = await workflow.execute_local_activity_method(DialActivities.dial_callee, dial, **FROM_NEWS)
        self.state.talk = Talk(leg_id=operator_leg_id, employee_id=dialled.employee_id)
        if dialled.outcome is None:
            await self._wait(self._is_dialling_over, DIAL_FOR)
            await self._settle_dial(begun)
        if begun.leg_id in self.state.answers:
            connect = ConnectCallee(call_id=begun.call_id, at=self.state.answers[begun.leg_id])
            await workflow.execute_local_activity_method(DialActivities.connect_callee, connect, **FROM_NEWS)
            self.state.stage = CallStage.TALKING
            return
        end = EndDial(call_id=begun.call_id, outcome=dialled.outcome or self._why_not_answered(begun))
        self.state.stage = await workflow.execute_local_activity_method(DialActivities.end_dial, end, **FROM_NEWS)
        self._begin_wrap(dialled.employee_id)

    def _is_dialling_over(self) -> bool:
        leg = self.state.leg_id
        return (
            leg in self.state.answers
            or leg in self.state.refusals
            or self.state.talk_end is not None
            or self._is_lost()
        )

    async def _settle_dial(self, begun: StartCall) -> None:
        if begun.leg_id not in self.state.answers:
            end = await workflow.execute_local_activity_method(CallActivities.cancel_ring, begun.leg_id, **FROM_NEWS)
            if end.answered_at is not None:
                self.state.answers[begun.leg_id] = end.answered_at

    def _why_not_answered(self, begun: StartCall) -> DialOutcome:
        if begun.leg_id in self.state.refusals:
            return self.state.refusals[begun.leg_id]
        if self.state.talk_end is None:
            return DialOutcome.NO_ANSWER
        _, by = self.state.talk_end
        return DialOutcome.REFUSED if by is Party.CITIZEN else DialOutcome.CANCELLED

    async def _find_operator(self) -> None:
        if self.state.stage is not CallStage.WAITING:
            return
        if self.state.offered is None and not self.state.is_given_up:
            sought = await workflow.execute_local_activity_method(
                CallActivities.seek_operator, self.state.call_id, **FROM_NEWS
            )
            self.state.offered = sought.token or self.state.offered
            self.state.lost = "ended elsewhere" if sought.is_over else self.state.lost
        await self._wait(lambda: self.state.offered is not None or self.state.is_given_up, self._wait_left())
        if self.state.is_given_up:
            await self._give_up()
        elif self.state.offered is None:
            await self._stop_waiting()

    def _wait_left(self) -> timedelta | None:
        return max(self.state.waits_until - workflow.now(), timedelta()) if self.state.waits_until else None

    async def _stop_waiting(self) -> None:
        """The queue's limit is over: a choice instead of the queue, unless an offer was faster."""
        stage = await workflow.execute_local_activity_method(
            CallActivities.offer_choice, self.state.call_id, **FROM_NEWS
        )
        self.state.stage = stage

    async def _choose(self) -> None:
        """The citizen leaves a message, or asks to be called back, or goes."""
        if self.state.stage is CallStage.CHOOSING:
            await self._wait(lambda: self.state.chosen is not None or self.state.is_given_up, MOST_CHOICE)
            await self._give_up()

    async def _ring_operator(self) -> None:
        if self.state.stage is not CallStage.WAITING or self.state.offered is None:
            return
        token, self.state.offered = self.state.offered, None
        seconds = self.state.policy.ring_seconds
        order = RingOperator(token=token, seconds=seconds, peer_leg_id=self.state.leg_id)
        self.state.offer = await workflow.execute_local_activity_method(
            CallActivities.ring_operator, order, **FROM_NEWS
        )
        if self.state.offer is None:
            return
        self.state.stage = CallStage.RINGING
        await self._wait(self._is_ring_over, timedelta(seconds=seconds))
        await self._settle_ring()

    def _is_ring_over(self) -> bool:
        assert self.state.offer is not None
        leg = self.state.offer.leg_id
        return leg in self.state.answers or leg in self.state.refusals or self.state.is_given_up

    async def _settle_ring(self) -> None:
        """The leg is the referee: what it says counts, not who was first to reach us."""
        offer = self.state.offer
        assert offer is not None
        answered_at = self.state.answers.get(offer.leg_id)
        if answered_at is None:
            end = await workflow.execute_local_activity_method(CallActivities.cancel_ring, offer.leg_id, **FROM_NEWS)
            answered_at = end.answered_at
        if answered_at is None:
            await self._close_offer()
            return
        order = Connect(call_id=self.state.call_id, token=offer.token, at=answered_at)
        connected = await workflow.execute_local_activity_method(CallActivities.connect_operator, order, **FROM_NEWS)
        self.state.stage = CallStage.WAITING
        if connected:
            self._begin_talk(Talk(leg_id=offer.leg_id, employee_id=offer.employee_id))

    async def _close_offer(self) -> None:
        offer = self.state.offer
        assert offer is not None
        if self.state.is_given_up:
            await self._give_up()
            return
        why = OfferState.DECLINED if offer.leg_id in self.state.refusals else OfferState.MISSED
        misses = self.state.policy.misses_to_break
        order = CloseOffer(call_id=self.state.call_id, token=offer.token, state=why, misses_to_break=misses)
        next_offer = await workflow.execute_local_activity_method(CallActivities.close_offer, order, **FROM_NEWS)
        self.state.stage, self.state.offer = CallStage.WAITING, None
        self.state.offered = next_offer or self.state.offered

    async def _give_up(self) -> None:
        """Nobody waits any more. What the citizen chose counts, although he is gone by now."""
        stage, by = (CallStage.FAILED, Party.EXCHANGE) if self._is_lost() else (CallStage.ABANDONED, Party.CITIZEN)
        if self.state.chosen is not None:
            stage, by = self.state.chosen, Party.CITIZEN
        order = EndCall(call_id=self.state.call_id, stage=stage, by=by)
        await workflow.execute_local_activity_method(CallActivities.end_call, order, **FROM_NEWS)
        self.state.stage = stage

    # --- the talk

    async def _talk(self) -> None:
        while self.state.stage is CallStage.TALKING:
            await self._wait(self._is_stirred)
            if self.state.transfer is not None:
                await self._hand_over()
            elif self.state.talk_end is not None or self._is_lost():
                await self._end_talk()
            elif self.state.is_parked:
                await self._await_operator()

    def _is_stirred(self) -> bool:
        is_over = self.state.stage is not CallStage.TALKING or self.state.talk_end is not None or self._is_lost()
        return is_over or self.state.transfer is not None or self.state.is_parked

    def _is_lost(self) -> bool:
        return self.state.lost is not None

    async def _end_talk(self) -> None:
        async with self._orders:  # an order under way decides first
            if self.state.talk is None or self.state.transfer is not None:
                return
            at, by = self.state.talk_end or (workflow.now(), Party.EXCHANGE)
            order = EndTalk(call_id=self.state.call_id, at=at, by=by)
            self.state.stage = await workflow.execute_local_activity_method(CallActivities.end_talk, order, **FROM_NEWS)
            self._begin_wrap(self.state.talk.employee_id)
            self.state.talk = None

    async def _await_operator(self) -> None:
        """The desk's page is gone and the citizen hears music: the same desk for a while, then the queue's head."""
        talk = self.state.talk
        assert talk is not None
        lost = LostPage(call_id=self.state.call_id, leg_id=talk.leg_id, at=self.state.silent[talk.leg_id])
        await workflow.execute_local_activity_method(VoiceActivities.park_call, lost, **FROM_NEWS)
        await self._wait(self._is_parking_over, RETURN_WITHIN)
        if not self.state.is_parked:
            await workflow.execute_local_activity_method(VoiceActivities.note_return, lost, **FROM_NEWS)
        elif self.state.talk_end is None and not self._is_lost() and self.state.transfer is None:
            await self._leave_operator(lost)

    def _is_parking_over(self) -> bool:
        is_over = self.state.talk_end is not None or self._is_lost()
        return is_over or not self.state.is_parked or self.state.transfer is not None

    async def _leave_operator(self, lost: LostPage) -> None:
        async with self._orders:
            released = await workflow.execute_local_activity_method(VoiceActivities.leave_desk, lost, **FROM_NEWS)
            self.state.silent.pop(lost.leg_id, None)
            if released is CallStage.WAITING:
                self._wait_again()
            elif released is CallStage.POST_PROCESSING:
                self.state.gone.setdefault(lost.leg_id, workflow.now())
