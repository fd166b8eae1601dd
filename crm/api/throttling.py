"""How many requests a minute a token may make. Without Redis the API goes on, unthrottled."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from crm.models import ApiToken

logger = logging.getLogger("crm.api")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# While the counter's server is down, try it again only so often: each try may cost a time-out.
RETRY_AFTER = 15.0
_down_until = 0.0


def parse_rate(rate: str) -> tuple[int, int]:
    """ "1200/minute" -> (1200, 60); ValueError for anything else."""
    number, _slash, period = rate.partition("/")
    if period not in SECONDS or not number.isdecimal() or int(number) < 1:
        raise ValueError(rate)
    return int(number), SECONDS[period]


def rate_of(request: Request) -> tuple[int, int]:
    own = request.auth.rate if isinstance(request.auth, ApiToken) else ""
    if own:
        try:
            return parse_rate(own)
        except ValueError:
            logger.warning(
                "Token %s has the rate %r, which makes no sense; the default holds", request.auth, own
            )
    return parse_rate(str(api_settings.DEFAULT_THROTTLE_RATES["token"]))


class TokenThrottle(BaseThrottle):
    """A counter per token (per user for sessions) and window of the clock: one round trip, no growing list."""

    wait_seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        limit, seconds = rate_of(request)
        now = time.time()
        window = math.floor(now / seconds)
        count = _count(f"api:{_caller(request)}:{seconds}:{window}", seconds)
        if count is None or count <= limit:
            return True
        self.wait_seconds = (window + 1) * seconds - now
        return False

    def wait(self) -> float | None:
        return None if self.wait_seconds is None else math.ceil(self.wait_seconds)


def _caller(request: Request) -> str:
    return f"t{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"u{request.user.pk}"


def _count(key: str, seconds: int) -> int | None:
    """This request's number in its window; None when the counter cannot be reached."""
    global _down_until
    if time.monotonic() < _down_until:
        return None
    try:
        cache.add(key, 0, timeout=seconds + 1)
        count: int = cache.incr(key)
    except (RedisError, OSError) as error:
        if not _down_until:
            logger.warning("Throttling is off until Redis answers again: %s", error)
        _down_until = time.monotonic() + RETRY_AFTER
        return None
    except ValueError:
        # The key went away between the two calls: a new window, or an emptied cache.
        return None
    if _down_until:
        logger.warning("Throttling is on again")
        _down_until = 0.0
    return count
