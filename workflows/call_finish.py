"""Post-processing in the process of a call: each operator who talked finishes his own serving."""

import asyncio
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.call_finish import FinishActivities, FinishCall, LapseService
from schemas.call import CallStage
from schemas.call_order import STILL_TALKING, Finished, FinishService
from workflows.call_news import CallNews, conflict, refusal
from workflows.options import FROM_NEWS, FROM_ORDER


class CallFinish(CallNews):
    """The order «Завершить обслуживание», and what happens when it never comes."""

    _waiting: list[asyncio.Task[None]]

    @workflow.update
    async def finish_service(self, command: FinishService) -> Finished:
        """Finish the actor's serving; the answer means that it is durable."""
        await workflow.wait_condition(lambda: not self.state.talks(command.actor_id))  # its end is being written
        async with self._orders:
            done = self.state.finished.get(command.actor_id)
            if done is None:
                order = FinishCall(call_id=self.state.call_id, order=command)
                try:
                    done = await workflow.execute_activity_method(FinishActivities.finish_service, order, **FROM_ORDER)
                except ActivityError as error:
                    raise refusal(error) from error
                self.state.finished[command.actor_id] = done
            elif done.key != command.key:
                raise conflict(_already(done))
            return done

    @finish_service.validator
    def check_finish_service(self, command: FinishService) -> None:
        done = self.state.finished.get(command.actor_id)
        if done is not None:
            if done.key != command.key:
                raise conflict(_already(done))
        elif self.state.talks(command.actor_id):
            if self.state.talk_end is None:
                raise conflict(STILL_TALKING)
        elif self.state.is_over and command.actor_id not in self.state.wraps:
            raise conflict("Обслуживание этого вызова уже завершено.")
        elif self.state.stage in (CallStage.WAITING, CallStage.RINGING) and not self.state.wraps:
            raise conflict("Обслуживание ещё не началось.")

    def _begin_wrap(self, employee_id: UUID | None) -> None:
        """From now on this operator has a serving to finish, and a clock that runs."""
        if employee_id is not None:
            self.state.wraps.append(employee_id)
            self._waiting.append(asyncio.create_task(self._await_finish(employee_id)))

    async def _await_finish(self, employee_id: UUID) -> None:
        seconds = self.state.policy.post_processing_seconds
        limit = timedelta(seconds=seconds) if seconds else None
        await self._wait(lambda: employee_id in self.state.finished or self._is_left(employee_id), limit)
        async with self._orders:  # an order under way decides first
            if employee_id not in self.state.finished:
                order = LapseService(
                    call_id=self.state.call_id,
                    employee_id=employee_id,
                    next_status=None if self._is_left(employee_id) else self.state.policy.after_lapse,
                )
                await workflow.execute_local_activity_method(FinishActivities.lapse_service, order, **FROM_NEWS)
            self.state.wraps.remove(employee_id)

    def _is_left(self, employee_id: UUID) -> bool:
        return employee_id in self.state.lapsed or self.state.lost is not None

    async def _post_process(self) -> None:
        """Wait until every operator who talked has finished."""
        await asyncio.gather(*self._waiting)
        if self.state.stage is CallStage.POST_PROCESSING:
            self.state.stage = CallStage.FINISHED


def _already(done: Finished) -> str:
    return f"Обслуживание уже завершено: {done.actor_name}."
