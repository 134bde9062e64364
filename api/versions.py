"""A change names the version that it was made from: an ETag goes out, If-Match comes in."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from schemas.errors import Unconditional

NO_VERSION = 0
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, description="The ETag that was read.")]


def version_of(if_match: IfMatch = None) -> int:
    """Return the version that the condition names; one that is none of ours fits nothing."""
    if if_match is None:
        raise Unconditional
    found = re.fullmatch(r'\s*"(\d{1,9})"\s*', if_match)
    return int(found[1]) if found else NO_VERSION


Version = Annotated[int, Depends(version_of)]


def tag(response: Response, version: int) -> None:
    """Tell the version that a change must name."""
    response.headers["ETag"] = f'"{version}"'
