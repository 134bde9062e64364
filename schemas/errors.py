"""Refusals: one tree for all layers. The sentence is Russian (the gettext msgid); edges translate it."""


class Refusal(Exception):
    """An expected «no»: what is wrong, in words, and the true HTTP status."""

    code = "refused"
    status = 409
    sentence = "Действие сейчас невозможно."

    def __init__(self, sentence: str | None = None, **params: str) -> None:
        self.sentence = sentence or self.sentence
        self.params = params
        super().__init__(self.words)

    @property
    def words(self) -> str:
        """Return the sentence with its blanks filled, in the source language."""
        return self.sentence.format(**self.params)


class Unauthenticated(Refusal):
    """Nobody is logged in, or the session has ended."""

    code, status = "unauthenticated", 401
    sentence = "Войдите, чтобы продолжить."


class Forbidden(Refusal):
    """The actor's role does not have this right."""

    code, status = "forbidden", 403
    sentence = "У вашей роли нет права на это действие."


class NotFound(Refusal):
    """There is no such thing, or it is not for this actor."""

    code, status = "not_found", 404
    sentence = "Не найдено."


class Conflict(Refusal):
    """The thing is in a state that does not allow the order."""

    code, status = "conflict", 409


class NotOutgoing(Conflict):
    """The desk is not in the state in which it calls out."""

    code = "not_outgoing"
    sentence = "Звонить можно в состоянии «Исходящие»."


class Stale(Refusal):
    """Somebody changed the thing since it was read."""

    code, status = "stale", 412
    sentence = "Данные изменил другой сотрудник. Обновите страницу и повторите."


class Unconditional(Refusal):
    """A change must name the version that it was made from."""

    code, status = "precondition_required", 428
    sentence = "Пришлите версию: заголовок If-Match со значением ETag."


class Invalid(Refusal):
    """What was typed cannot be accepted; `fields` says where and why."""

    code, status = "invalid", 422
    sentence = "Проверьте введённые данные."

    def __init__(self, sentence: str | None = None, fields: dict[str, str] | None = None, **params: str) -> None:
        super().__init__(sentence, **params)
        self.fields = fields or {}


class Throttled(Refusal):
    """Too many attempts; `retry_after` is in seconds."""

    code, status = "throttled", 429
    sentence = "Слишком много попыток. Повторите через {seconds} с."

    def __init__(self, retry_after: int) -> None:
        super().__init__(seconds=str(retry_after))
        self.retry_after = retry_after


class Busy(Refusal):
    """The order was accepted but its answer is late: repeat it with the same key."""

    code, status = "busy", 503
    sentence = "Сохраняем… Ответ задерживается, повторяем сами."
    retry_after = 1


class TooLarge(Refusal):
    """The body is larger than anything that we ask for."""

    code, status = "too_large", 413
    sentence = "Отправлено слишком много данных."


class Unavailable(Refusal):
    """PostgreSQL does not answer: nothing can be read or written, and nothing was half-written."""

    code, status = "unavailable", 503
    sentence = "База данных сейчас не отвечает. Повторите через несколько секунд."
    retry_after = 2


class Overloaded(Refusal):
    """The process has too much in hand: calls go first."""

    code, status = "overloaded", 503
    sentence = "Сейчас слишком много запросов. Повторите через несколько секунд."
    retry_after = 2
