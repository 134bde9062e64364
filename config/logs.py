"""One event a line: JSON for machines, colours for a person at a terminal."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor


def configure_logs(level: int = logging.INFO) -> None:
    """Send structlog and the standard library through the same renderer on standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers()],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    # Their chatter is one line a request; our own middleware logs what matters.
    for noisy in ("uvicorn.access", "httpx", "httpcore", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def renderers() -> list[Processor]:
    """How the last step looks, by who reads it."""
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # Locals hold tokens, names and numbers: none of them may reach a log.
    frames = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [frames, structlog.processors.JSONRenderer(ensure_ascii=False)]
