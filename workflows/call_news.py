"""What reaches the process of a call from the outside world, and what may be asked of it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from schemas.call import DialOutcome
from schemas.call_news import (
    CalleeAnswered,
    CalleeRefused,
    CallerHungUp,
    CallLost,
    CitizenChose,
    MediaLost,
    OperatorAnswered,
    OperatorDeclined,
    OperatorHungUp,
    OperatorOffered,
    OperatorReturned,
    PostProcessingLapsed,
)
from schemas.call_state import CallState


class CallNews:
    """The ears of the process: news are kept as they come and compared with what is under way when read."""

    state: CallState
    _orders: asyncio.Lock

    @workflow.signal
    def operator_offered(self, news: OperatorOffered) -> None:
        """Routing offered this call to a desk."""
        self.state.offered = news.token

    @workflow.signal
    def operator_answered(self, news: OperatorAnswered) -> None:
        """The desk's phone was picked up."""
        self.state.answers.setdefault(news.leg_id, news.at)

    @workflow.signal
    def operator_declined(self, news: OperatorDeclined) -> None:
        """The desk refused the ring."""
        self.state.refusals.setdefault(news.leg_id, DialOutcome.REFUSED)

    @workflow.signal
    def callee_answered(self, news: CalleeAnswered) -> None:
        """Whom we called picked up."""
        self.state.answers.setdefault(news.leg_id, news.at)

    @workflow.signal
    def callee_refused(self, news: CalleeRefused) -> None:
        """Whom we called will not talk."""
        self.state.refusals.setdefault(news.leg_id, news.outcome)

    @workflow.signal
    def caller_hung_up(self, news: CallerHungUp) -> None:
        """The citizen's leg is gone."""
        if news.leg_id == self.state.leg_id:
            self.state.caller_gone = self.state.caller_gone or news.at

    @workflow.signal
    def operator_hung_up(self, news: OperatorHungUp) -> None:
        """A desk's leg is gone."""
        self.state.gone.setdefault(news.leg_id, news.at)

    @workflow.signal
    def media_lost(self, news: MediaLost) -> None:
        """A desk's page is gone in the middle of the talk."""
        self.state.silent.setdefault(news.leg_id, news.at)

    @workflow.signal
    def operator_returned(self, news: OperatorReturned) -> None:
        """The page is back."""
        self.state.silent.pop(news.leg_id, None)

    @workflow.signal
    def citizen_chose(self, news: CitizenChose) -> None:
        """The citizen left a message, or asked to be called back."""
        self.state.chosen = self.state.chosen or news.stage

    @workflow.signal
    def post_processing_lapsed(self, news: PostProcessingLapsed) -> None:
        """Nobody is there to finish."""
        self.state.lapsed.append(news.employee_id)
        if self.state.talks(news.employee_id):  # the row knows that the talk is over: the order to end it was lost here
            self.state.hung_up_at = self.state.hung_up_at or news.at

    @workflow.signal
    def call_lost(self, news: CallLost) -> None:
        """SQL and process disagree for good."""
        self.state.lost = news.why

    @workflow.query
    def current_state(self) -> CallState:
        """Return what this process knows."""
        return self.state

    async def _wait(self, condition: Callable[[], bool], timeout: timedelta | None = None) -> bool:
        """Wait for the condition; False when the time ran out."""
        try:
            await workflow.wait_condition(condition, timeout=timeout)
        except TimeoutError:
            return False
        return True


def conflict(sentence: str) -> ApplicationError:
    """Return the refusal of an order that does not fit what is under way."""
    return ApplicationError(sentence, type="Conflict", non_retryable=True)


def refusal(error: ActivityError) -> ApplicationError:
    """Return what an act refused, as the answer to the order that asked for it."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return ApplicationError(cause.message, type=cause.type, non_retryable=True)
    return conflict("Не удалось выполнить. Повторите.")
