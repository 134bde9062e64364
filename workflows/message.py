"""The process of a message."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.message import CloseMessage, MessageActivities, SendActivities
from schemas.message import MessageChannel, MessageState, Receipt, StartMessage
from workflows.options import FROM_NEWS, RECEIPT_WITHIN, to_provider


@workflow.defn
class MessageWorkflow:
    """One message from its acceptance to its receipt; an e-mail has none and ends as sent."""

    @workflow.init
    def __init__(self, begun: StartMessage) -> None:
        self.state = MessageState.ACCEPTED
        self.receipt: Receipt | None = None

    @workflow.run
    async def run(self, begun: StartMessage) -> MessageState:
        await self._send(begun)
        if self.state is MessageState.SENT and begun.channel is MessageChannel.SMS:
            await self._await_receipt(begun)
        return self.state

    @workflow.signal
    def receipt_arrived(self, news: Receipt) -> None:
        """The provider said what became of all parts, or of one that failed."""
        self.receipt = self.receipt or news

    @workflow.query
    def current_state(self) -> MessageState:
        """Return what this process knows."""
        return self.state

    async def _send(self, begun: StartMessage) -> None:
        """Wait for the provider as long as a message is worth it: its queue is read only while it is there."""
        try:
            self.state = await workflow.execute_activity_method(
                SendActivities.send_message, begun, **to_provider(provider_queue(begun.channel))
            )
        except ActivityError:
            await self._expire(begun)

    async def _await_receipt(self, begun: StartMessage) -> None:
        try:
            await workflow.wait_condition(lambda: self.receipt is not None, timeout=RECEIPT_WITHIN)
        except TimeoutError:
            await self._expire(begun)
            return
        assert self.receipt is not None
        close = CloseMessage(message_id=begun.message_id, state=self.receipt.state)
        self.state = await workflow.execute_local_activity_method(MessageActivities.close_message, close, **FROM_NEWS)

    async def _expire(self, begun: StartMessage) -> None:
        self.state = await workflow.execute_local_activity_method(
            MessageActivities.expire_message, begun.message_id, **FROM_NEWS
        )


def provider_queue(channel: MessageChannel) -> str:
    """Return the queue of a provider, which stands beside the process's own."""
    return f"{workflow.info().task_queue.removesuffix('message')}{channel}"
