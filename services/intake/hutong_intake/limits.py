"""How much each key and each address may ask for: more is answered 429 with a Retry-After.

Counted in this process alone: two intakes allow twice as much. What protects the log is that a
report waits for the broker; these limits keep one caller from taking the turns of all others.
"""

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from hutong_intake.problems import TOO_MANY, ProblemError

Kind = Literal["key", "address", "stranger"]

_WINDOW = 60
#: One site usually has so much of IPv6, and may send from any address in it.
_IPV6_SITE = 64
_NO_ADDRESS = "-"
_WHY: Final[dict[Kind, tuple[str, str]]] = {
    "key": (
        "此密钥每分钟的上报与查询次数已达上限；未写入任何内容，请稍后重发。",
        "This key has used up what it may send in a minute; nothing was written, send again later.",
    ),
    "address": (
        "此地址每分钟的请求次数已达上限；未写入任何内容，请稍后重发。",
        "This address has used up its requests of a minute; nothing was written, try again later.",
    ),
    "stranger": (
        "此地址的无效密钥请求过多，请检查密钥后稍后再试。",
        "Too many requests without a valid key from this address; check the key, try again later.",
    ),
}


@dataclass(frozen=True, slots=True)
class Rates:
    """Most in any minute: requests and batch lines of a key, requests of an address, and of those
    the ones without a valid key.
    """

    key: int
    address: int
    stranger: int


class Limits:
    """Counts, and raises ProblemError (429) above the limit. ``refused`` is told which it was.

    What is refused does not count: a caller that waits as long as it was told gets through.
    """

    def __init__(self, rates: Rates, refused: Callable[[Kind], None] = lambda _: None) -> None:
        self._counts = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._counts)
        self._items: dict[Kind, RateLimitItem] = {
            "key": RateLimitItemPerMinute(rates.key),
            "address": RateLimitItemPerMinute(rates.address),
            "stranger": RateLimitItemPerMinute(rates.stranger),
        }
        self._refused = refused

    def of_key(self, key_id: str, cost: int = 1) -> None:
        """Count ``cost`` requests, or lines of a batch, of a key."""
        self._count("key", key_id, cost)

    def of_address(self, host: str | None) -> None:
        """Count a request from an address, whoever it is."""
        self._count("address", site_of(host))

    def of_stranger(self, host: str | None) -> None:
        """Count a request without a valid key; callers with one are not touched by it."""
        self._count("stranger", site_of(host))

    def _count(self, kind: Kind, who: str, cost: int = 1) -> None:
        item = self._items[kind]
        if self._limiter.hit(item, kind, who, cost=cost):
            return
        self._refused(kind)
        last, _, now, ends = self._counts.get_sliding_window(item.key_for(kind, who), _WINDOW)
        seconds = wait_for(item.amount - cost, last, now, ends - _WINDOW)
        zh, en = _WHY[kind]
        raise ProblemError(TOO_MANY, zh, en, headers={"Retry-After": str(seconds)})


def wait_for(room: int, last: int, now: int, left: float) -> int:
    """Seconds until at most ``room`` hits count, should no more come.

    ``last`` and ``now`` are the hits of the last window and of this one, which ends in ``left``
    seconds; the library lets those of the last fade away evenly over this one. It has no such
    function: its ``reset_time`` is when one hit fades.
    """
    if last and now <= room:
        wait = left - (room + 1 - now) * _WINDOW / last
    else:
        wait = left + _WINDOW - (room + 1) * _WINDOW / max(1, now)
        wait = max(wait, left)
    # A little more, because the ends of windows are computed in floating point.
    return max(0, math.floor(wait + 0.01)) + 1


def site_of(host: str | None) -> str:
    """What counts as one address: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return _NO_ADDRESS
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    plain = ipaddress.IPv6Address(int(address))  # without a zone such as %eth0
    return str(ipaddress.ip_network((plain, _IPV6_SITE), strict=False))
