"""What every group of settings has in common."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict

FROZEN = ConfigDict(frozen=True, extra="ignore")


def seconds(value: Any) -> Any:
    """A bare number in the environment counts seconds."""
    return float(value) if isinstance(value, str) and value.isdigit() else value


Seconds = Annotated[timedelta, BeforeValidator(seconds)]
