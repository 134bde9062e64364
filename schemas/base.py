"""What every value of the house has in common."""

from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

# What PostgreSQL can hold: an act with a NUL in its text would be tried for ever.
PLAIN = r"^[^\x00]*$"

# One namespace for every id that is made from its cause, so that a repeated cause makes the same id.
PULT = UUID("6f1f3f5e-6c1b-5b0a-9d57-0c3a5a0f7b11")


class Value(BaseModel):
    """An immutable value; an unknown field in it is an error of the sender."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def id_from(*cause: object) -> UUID:
    """Return the id that this cause always makes."""
    return uuid5(PULT, "/".join(str(part) for part in cause))
