"""The process of a call."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.call import (
    CallActivities,
    CloseOffer,
    Connect,
    EndCall,
    EndTalk,
    FinishCall,
    RingOperator,
)
from schemas.call import CallStage, OfferState, Party, StartCall
from schemas.call_news import (
    CallerHungUp,
    CallLost,
    OperatorAnswered,
    OperatorDeclined,
    OperatorHungUp,
    OperatorOffered,
    PostProcessingLapsed,
)
from schemas.call_order import Finished, FinishService, HangUp
from schemas.call_state import CallState
from workflows.options import FROM_NEWS, FROM_ORDER


@workflow.defn
class CallWorkflow:
    """One call from the first ring to the recorded outcome."""

    @workflow.init
    def __init__(self, inbound: StartCall) -> None:
        self.state = CallState(call_id=inbound.call_id, leg_id=inbound.leg_id)
        self._orders = asyncio.Lock()

    @workflow.run
    async def run(self, inbound: StartCall) -> CallState:
        await self._open(inbound)
        while self.state.stage is CallStage.WAITING:
            await self._find_operator()
            await self._ring_operator()
        await self._talk()
        await self._post_process()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.state

    # --- the process, step by step

    async def _open(self, inbound: StartCall) -> None:
        opened = await workflow.execute_local_activity_method(CallActivities.open_call, inbound, **FROM_NEWS)
        self.state.stage, self.state.policy = opened.stage, opened.policy
        if opened.policy is not None:
            self.state.stage = CallStage.WAITING

    async def _find_operator(self) -> None:
        if self.state.offered is None and not self.state.is_given_up:
            sought = await workflow.execute_local_activity_method(
                CallActivities.seek_operator, self.state.call_id, **FROM_NEWS
            )
            self.state.offered = sought.token or self.state.offered
            self.state.lost = "ended elsewhere" if sought.is_over else self.state.lost
        await self._wait(lambda: self.state.offered is not None or self.state.is_given_up)
        if self.state.is_given_up:
            await self._give_up()

    async def _ring_operator(self) -> None:
        if self.state.is_over or self.state.offered is None or self.state.policy is None:
            return
        token, self.state.offered = self.state.offered, None
        order = RingOperator(token=token, seconds=self.state.policy.ring_seconds)
        self.state.offer = await workflow.execute_local_activity_method(
            CallActivities.ring_operator, order, **FROM_NEWS
        )
        if self.state.offer is None:
            return
        self.state.stage = CallStage.RINGING
        await self._wait(self._is_ring_over, timedelta(seconds=self.state.policy.ring_seconds))
        await self._settle_ring()

    async def _settle_ring(self) -> None:
        """The leg is the referee: what it says counts, not who was first to reach us."""
        offer = self.state.offer
        assert offer is not None
        answered_at = self.state.answered.at if self.state.answered and self.state.is_answered else None
        if answered_at is None:
            end = await workflow.execute_local_activity_method(CallActivities.cancel_ring, offer.leg_id, **FROM_NEWS)
            answered_at = end.answered_at
        if answered_at is None:
            await self._close_offer()
            return
        order = Connect(call_id=self.state.call_id, token=offer.token, at=answered_at)
        connected = await workflow.execute_local_activity_method(CallActivities.connect_operator, order, **FROM_NEWS)
        self.state.stage = CallStage.TALKING if connected else CallStage.WAITING

    async def _close_offer(self) -> None:
        offer, policy = self.state.offer, self.state.policy
        assert offer is not None
        assert policy is not None
        if self.state.is_given_up:
            await self._give_up()
            return
        why = OfferState.DECLINED if self.state.is_declined else OfferState.MISSED
        order = CloseOffer(
            call_id=self.state.call_id, token=offer.token, state=why, misses_to_break=policy.misses_to_break
        )
        next_offer = await workflow.execute_local_activity_method(CallActivities.close_offer, order, **FROM_NEWS)
        self.state.stage, self.state.offer = CallStage.WAITING, None
        self.state.offered = next_offer or self.state.offered

    async def _talk(self) -> None:
        if self.state.stage is not CallStage.TALKING:
            return
        await self._wait(lambda: self.state.talk_end is not None or self.state.lost is not None)
        at, by = self.state.talk_end or (workflow.now(), Party.EXCHANGE)
        order = EndTalk(call_id=self.state.call_id, at=at, by=by)
        await workflow.execute_local_activity_method(CallActivities.end_talk, order, **FROM_NEWS)
        self.state.stage = CallStage.POST_PROCESSING

    async def _post_process(self) -> None:
        if self.state.stage is not CallStage.POST_PROCESSING:
            return
        await self._wait(lambda: self.state.finished is not None or self.state.lapsed or self.state.lost is not None)
        async with self._orders:  # an order under way decides first
            if self.state.finished is None:
                await workflow.execute_local_activity_method(
                    CallActivities.lapse_service, self.state.call_id, **FROM_NEWS
                )
            self.state.stage = CallStage.FINISHED

    async def _give_up(self) -> None:
        lost = self.state.lost is not None
        stage, by = (CallStage.FAILED, Party.EXCHANGE) if lost else (CallStage.ABANDONED, Party.CITIZEN)
        order = EndCall(call_id=self.state.call_id, stage=stage, by=by)
        await workflow.execute_local_activity_method(CallActivities.end_call, order, **FROM_NEWS)
        self.state.stage = stage

    def _is_ring_over(self) -> bool:
        return self.state.is_answered or self.state.is_declined or self.state.is_given_up

    async def _wait(self, condition: Callable[[], bool], timeout: timedelta | None = None) -> None:
        try:
            await workflow.wait_condition(condition, timeout=timeout)
        except TimeoutError:
            return

    # --- orders: from people, refused before anything enters history

    @workflow.update
    async def finish_service(self, command: FinishService) -> Finished:
        """Finish the service; the answer means that it is durable."""
        await workflow.wait_condition(lambda: self.state.stage is not CallStage.TALKING)  # its end is being written
        async with self._orders:
            if self.state.finished is None:
                order = FinishCall(call_id=self.state.call_id, order=command)
                try:
                    self.state.finished = await workflow.execute_activity_method(
                        CallActivities.finish_service, order, **FROM_ORDER
                    )
                except ActivityError as error:
                    raise _refusal(error) from error
            elif self.state.finished.key != command.key:
                raise ApplicationError(_already(self.state.finished), type="Conflict", non_retryable=True)
            return self.state.finished

    @finish_service.validator
    def check_finish_service(self, command: FinishService) -> None:
        if self.state.finished is not None:
            if self.state.finished.key != command.key:
                raise ApplicationError(_already(self.state.finished), type="Conflict", non_retryable=True)
        elif self.state.stage in (CallStage.WAITING, CallStage.RINGING):
            raise ApplicationError("Обслуживание ещё не началось.", type="Conflict", non_retryable=True)
        elif self.state.stage is CallStage.TALKING and self.state.talk_end is None:
            raise ApplicationError("Сначала завершите разговор.", type="Conflict", non_retryable=True)
        elif self.state.is_over:
            raise ApplicationError("Обслуживание этого вызова уже завершено.", type="Conflict", non_retryable=True)

    @workflow.update
    async def hang_up(self, command: HangUp) -> CallState:
        """Put the receiver down for the operator."""
        async with self._orders:
            await workflow.execute_activity_method(CallActivities.hang_up, self.state.call_id, **FROM_ORDER)
        self.state.hung_up_at = self.state.hung_up_at or workflow.now()
        return self.state

    @hang_up.validator
    def check_hang_up(self, command: HangUp) -> None:
        if self.state.stage not in (CallStage.TALKING, CallStage.POST_PROCESSING):
            raise ApplicationError("Разговор ещё не начался.", type="Conflict", non_retryable=True)

    # --- news: from the outside world; kept as they come (the ring may still be starting), compared when read

    @workflow.signal
    def operator_offered(self, news: OperatorOffered) -> None:
        """Routing offered this call to a desk."""
        self.state.offered = news.token

    @workflow.signal
    def operator_answered(self, news: OperatorAnswered) -> None:
        """The desk's phone was picked up."""
        self.state.answered = news

    @workflow.signal
    def operator_declined(self, news: OperatorDeclined) -> None:
        """The desk refused the ring."""
        self.state.declined = news.leg_id

    @workflow.signal
    def caller_hung_up(self, news: CallerHungUp) -> None:
        """The citizen's leg is gone."""
        if news.leg_id == self.state.leg_id:
            self.state.caller_gone = self.state.caller_gone or news.at

    @workflow.signal
    def operator_hung_up(self, news: OperatorHungUp) -> None:
        """The desk's leg is gone."""
        self.state.operator_gone = news

    @workflow.signal
    def post_processing_lapsed(self, news: PostProcessingLapsed) -> None:
        """Nobody is there to finish."""
        self.state.lapsed = True

    @workflow.signal
    def call_lost(self, news: CallLost) -> None:
        """SQL and process disagree for good."""
        self.state.lost = news.why

    # --- questions

    @workflow.query
    def current_state(self) -> CallState:
        """Return what this process knows."""
        return self.state


def _already(done: Finished) -> str:
    return f"Обслуживание уже завершено: {done.actor_name}."


def _refusal(error: ActivityError) -> ApplicationError:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return ApplicationError(cause.message, type=cause.type, non_retryable=True)
    return ApplicationError("Не удалось завершить обслуживание. Повторите.", type="Conflict", non_retryable=True)
