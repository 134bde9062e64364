"""How often one address may begin something on the web line."""

import asyncio
import hmac
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas.errors import Throttled

WINDOW = 60  # seconds
log = logging.getLogger(__name__)


async def count(valkey: Redis, pepper: bytes, kind: str, address: str, limit: int) -> None:
    """Count one more from this address; refuse the one past the limit of a minute."""
    name = f"pult:{kind}:{hmac.new(pepper, address.encode(), 'sha256').hexdigest()}"
    try:
        async with asyncio.timeout(1):
            pipe = valkey.pipeline()  # a counter must never be left without its end
            pipe.set(name, 0, ex=WINDOW, nx=True)
            pipe.incr(name)
            _, times = await pipe.execute()
    except (RedisError, OSError, TimeoutError) as error:  # a lost counter must not cost a call
        log.warning("line.throttle_lost", extra={"error": type(error).__name__})
        return
    if times > limit:
        raise Throttled(WINDOW)
