"""Orders over the voice in the process of a call: hold, resume, hang up."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.call import CallActivities, EndTalk
from activities.call_voice import SwitchHold, VoiceActivities
from schemas.call import CallStage, Party
from schemas.call_order import HangUp, HoldCall, Order, ResumeCall
from schemas.call_state import Talk
from workflows.call_finish import CallFinish
from workflows.call_news import conflict, refusal
from workflows.options import FROM_ORDER, ON_VOICE

RETURN_WITHIN = timedelta(seconds=20)
"""An operator's page that was gone has this long to have its call back."""


class CallVoice(CallFinish):
    """Orders are from people, and refused before anything enters history."""

    @workflow.update
    async def hang_up(self, command: HangUp) -> bool:
        """Put the receiver down for the operator."""
        async with self._orders:
            talk, at = self.state.talk, workflow.now()
            if self.state.stage is CallStage.TALKING and talk is not None and self.state.transfer is None:
                await self._end_talk_of(talk, at)
            else:
                await workflow.execute_activity_method(VoiceActivities.hang_up, self.state.call_id, **FROM_ORDER)
            self.state.hung_up_at = self.state.hung_up_at or at
        return True

    async def _end_talk_of(self, talk: Talk, at: datetime) -> None:
        order = EndTalk(call_id=self.state.call_id, at=at, by=Party.OPERATOR)
        try:
            stage = await workflow.execute_local_activity_method(CallActivities.end_talk, order, **ON_VOICE)
        except ActivityError as error:
            raise refusal(error) from error
        self.state.stage, self.state.talk = stage, None
        self._begin_wrap(talk.employee_id)

    @hang_up.validator
    def check_hang_up(self, command: HangUp) -> None:
        is_dialling = self.state.stage is CallStage.RINGING and self.state.talk is not None
        if not is_dialling and self.state.stage not in (CallStage.TALKING, CallStage.POST_PROCESSING):
            raise conflict("Разговор ещё не начался.")
        if self.state.transfer is not None:
            raise conflict("Вызов переводится: сначала вернитесь к абоненту.")
        if self.state.stage is CallStage.TALKING and not self.state.talks(command.actor_id):
            raise conflict("Разговор ведёт другой сотрудник.")

    @workflow.update
    async def hold_call(self, command: HoldCall) -> bool:
        """Let the citizen hear music."""
        return await self._switch_hold(command, True)

    @workflow.update
    async def resume_call(self, command: ResumeCall) -> bool:
        """Take the citizen back from the music."""
        return await self._switch_hold(command, False)

    @hold_call.validator
    def check_hold_call(self, command: HoldCall) -> None:
        self._check_hold(command)

    @resume_call.validator
    def check_resume_call(self, command: ResumeCall) -> None:
        self._check_hold(command)

    def _check_hold(self, command: HoldCall | ResumeCall) -> None:
        self._check_talks(command)
        if self.state.transfer is not None:
            raise conflict("Вызов переводится: сначала вернитесь к абоненту.")

    async def _switch_hold(self, command: HoldCall | ResumeCall, held: bool) -> bool:
        async with self._orders:
            self._check_hold(command)
            order = SwitchHold(call_id=self.state.call_id, order=command, held=held)
            try:
                await workflow.execute_local_activity_method(VoiceActivities.switch_hold, order, **ON_VOICE)
            except ActivityError as error:
                raise refusal(error) from error
            self.state.held = held
        return held

    def _check_talks(self, command: Order) -> None:
        if not self.state.talks(command.actor_id) or self.state.talk_end is not None:
            raise conflict("Разговор уже закончен или его ведёт другой сотрудник.")
