"""Hand-over in the process of a call: to a colleague, to a queue, to an outside number."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.call import CallActivities, RingOperator
from activities.call_transfer import AnswerTransfer, BeginTransfer, DialTarget, EndTransfer, TransferActivities
from schemas.call import CallStage, DialOutcome, ServingRole
from schemas.call_order import CompleteTransfer, TakeBack, TransferCall
from schemas.call_state import Talk, Transfer, TransferEnd
from workflows.call_news import conflict, refusal
from workflows.call_voice import RETURN_WITHIN, CallVoice
from workflows.options import FROM_NEWS, FROM_ORDER


class CallTransfer(CallVoice):
    """The citizen hears music until somebody has him again: the target, the first operator, or the queue."""

    # --- orders

    @workflow.update
    async def transfer_call(self, command: TransferCall) -> bool:
        """Begin a hand-over; the answer means that the target is reserved, and is about to ring."""
        async with self._orders:
            if self.state.transfer is not None and self.state.transfer.key == command.key:
                return True
            self.check_transfer_call(command)
            assert self.state.talk is not None
            order = BeginTransfer(call_id=self.state.call_id, leg_id=self.state.talk.leg_id, order=command)
            try:
                begun = await workflow.execute_activity_method(TransferActivities.begin_transfer, order, **FROM_ORDER)
            except ActivityError as error:
                raise refusal(error) from error
            if begun.policy is not None:
                self.state.policy = begun.policy
                self._wait_again()
            else:
                self.state.transfer = begun.transfer
            return True

    @transfer_call.validator
    def check_transfer_call(self, command: TransferCall) -> None:
        if self.state.transfer is not None:
            if self.state.transfer.key != command.key:
                raise conflict("Вызов уже переводится.")
        else:
            self._check_talks(command)

    @workflow.update
    async def take_back(self, command: TakeBack) -> bool:
        """End the hand-over under way and go on with the citizen."""
        if self.state.transfer is not None:
            self.state.transfer.is_taken_back = True
            await workflow.wait_condition(lambda: self.state.transfer is None)
        if not self.state.talks(command.actor_id):
            raise conflict("Абонента уже соединили с другим.")
        return True

    @take_back.validator
    def check_take_back(self, command: TakeBack) -> None:
        self._check_talks(command)

    @workflow.update
    async def complete_transfer(self, command: CompleteTransfer) -> bool:
        """Connect the citizen with whom the operator consulted."""
        if self.state.transfer is not None:
            self.state.transfer.is_completed = True
            await workflow.wait_condition(lambda: self.state.transfer is None)
        if self.state.talks(command.actor_id):
            raise conflict("Собеседник положил трубку: абонент снова с вами.")
        return True

    @complete_transfer.validator
    def check_complete_transfer(self, command: CompleteTransfer) -> None:
        self._check_talks(command)
        if self.state.transfer is None or not self.state.transfer.is_consulting:
            raise conflict("Сначала дождитесь ответа того, кому переводите.")

    # --- the hand-over, step by step

    async def _hand_over(self) -> None:
        transfer = self.state.transfer
        assert transfer is not None
        if await self._ring_target(transfer):
            await self._wait(lambda: self._is_target_settled(transfer), timedelta(seconds=transfer.seconds))
            await self._settle_target(transfer)
        if transfer.leg_id in self.state.answers and transfer.consult:
            await self._consult(transfer)
        await self._end_transfer(transfer)

    async def _ring_target(self, transfer: Transfer) -> bool:
        assert self.state.talk is not None
        peer = self.state.talk.leg_id if transfer.consult else self.state.leg_id
        if transfer.token is None:
            dial = DialTarget(call_id=self.state.call_id, transfer=transfer, peer_leg_id=peer)
            outcome = await workflow.execute_local_activity_method(TransferActivities.dial_target, dial, **FROM_NEWS)
            if outcome is not None:
                self.state.refusals.setdefault(transfer.leg_id, outcome)
            return outcome is None
        role = ServingRole.CONSULT if transfer.consult else ServingRole.TRANSFER
        order = RingOperator(token=transfer.token, seconds=transfer.seconds, peer_leg_id=peer, role=role)
        offer = await workflow.execute_local_activity_method(CallActivities.ring_operator, order, **FROM_NEWS)
        return offer is not None

    def _is_target_settled(self, transfer: Transfer) -> bool:
        is_heard = transfer.leg_id in self.state.answers or transfer.leg_id in self.state.refusals
        return is_heard or transfer.is_taken_back or self.state.is_given_up

    async def _settle_target(self, transfer: Transfer) -> None:
        """The leg is the referee, as in every ring."""
        if transfer.leg_id in self.state.answers:
            return
        end = await workflow.execute_local_activity_method(CallActivities.cancel_ring, transfer.leg_id, **FROM_NEWS)
        if end.answered_at is not None:
            self.state.answers[transfer.leg_id] = end.answered_at

    async def _consult(self, transfer: Transfer) -> None:
        at = self.state.answers[transfer.leg_id]
        order = AnswerTransfer(call_id=self.state.call_id, transfer=transfer, at=at)
        await workflow.execute_local_activity_method(TransferActivities.answer_transfer, order, **FROM_NEWS)
        transfer.is_consulting = True
        while not self._is_consultation_over(transfer):
            await self._wait(lambda: self._is_consultation_over(transfer) or self.state.is_parked)
            if self.state.is_parked:
                await self._await_consultant(transfer)

    async def _await_consultant(self, transfer: Transfer) -> None:
        """The page of the operator who consults is gone: when it stays away, the colleague has the citizen."""
        assert self.state.talk is not None
        leg_id = self.state.talk.leg_id
        await self._wait(lambda: self._is_consultation_over(transfer) or not self.state.is_parked, RETURN_WITHIN)
        if self.state.is_parked and not self._is_consultation_over(transfer):
            self.state.gone.setdefault(leg_id, workflow.now())

    def _is_consultation_over(self, transfer: Transfer) -> bool:
        assert self.state.talk is not None
        is_alone = transfer.leg_id in self.state.gone or self.state.talk.leg_id in self.state.gone
        return is_alone or transfer.is_completed or transfer.is_taken_back or self.state.is_given_up

    def _how_it_ended(self, transfer: Transfer) -> TransferEnd:
        assert self.state.talk is not None
        is_left = self.state.talk.leg_id in self.state.gone
        is_taken = transfer.leg_id in self.state.answers and transfer.leg_id not in self.state.gone
        if transfer.leg_id in self.state.answers and not transfer.consult:
            return TransferEnd.HANDED
        if self.state.is_given_up:
            return TransferEnd.DROPPED
        if is_taken and not transfer.is_taken_back:
            return TransferEnd.HANDED
        return TransferEnd.QUEUED if is_left and self.state.policy.queue_id else TransferEnd.RETURNED

    async def _end_transfer(self, transfer: Transfer) -> None:
        assert self.state.talk is not None
        how = self._how_it_ended(transfer)
        order = EndTransfer(
            call_id=self.state.call_id,
            leg_id=self.state.talk.leg_id,
            transfer=transfer,
            how=how,
            at=self.state.answers.get(transfer.leg_id),
            why=self._why_not(transfer),
        )
        if transfer.is_completed or transfer.is_taken_back:  # an order is the cause
            await workflow.execute_activity_method(TransferActivities.end_transfer, order, **FROM_ORDER)
        else:
            await workflow.execute_local_activity_method(TransferActivities.end_transfer, order, **FROM_NEWS)
        self.state.held = False
        if how is TransferEnd.HANDED:
            self._begin_wrap(self.state.talk.employee_id)
            self._begin_talk(Talk(leg_id=transfer.leg_id, employee_id=transfer.employee_id))
        elif how is TransferEnd.QUEUED:
            self._wait_again()
        self.state.transfer = None

    def _why_not(self, transfer: Transfer) -> DialOutcome:
        if transfer.is_taken_back or self.state.is_given_up:
            return DialOutcome.CANCELLED
        return self.state.refusals.get(transfer.leg_id, DialOutcome.NO_ANSWER)

    # --- who has the citizen

    def _begin_talk(self, talk: Talk) -> None:
        self.state.stage, self.state.talk = CallStage.TALKING, talk
        if talk.employee_id is not None:
            self.state.finished.pop(talk.employee_id, None)  # he has a new serving to finish

    def _wait_again(self) -> None:
        """The citizen is in the queue again, and whoever had him has a serving to finish."""
        if self.state.talk is not None:
            self._begin_wrap(self.state.talk.employee_id)
        self.state.stage, self.state.talk, self.state.held = CallStage.WAITING, None, False
        self.state.offer = self.state.offered = self.state.waits_until = None
