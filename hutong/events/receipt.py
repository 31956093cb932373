"""Receipt numbers: where the report is in the log, in digits that can be read over a phone.

``02-07-00128431-5`` is channel 2 (hotline), partition 7, offset 128431 and a check digit by
ISO 7064 MOD 11,10, which catches every single wrong digit and almost all swapped neighbours.
"""

import re
from typing import NamedTuple

_SHAPE = re.compile(r"(\d{2})-?(\d{2})-?(\d{8,18})-?(\d)")


class BadReceiptError(ValueError):
    """This is no receipt number; the message says why, for the person who typed it."""


class Receipt(NamedTuple):
    """A place in a reports topic: channel number (topics.toml), partition, offset."""

    channel: int
    partition: int
    offset: int

    def __str__(self) -> str:
        channel, partition, offset = (
            f"{self.channel:02}",
            f"{self.partition:02}",
            f"{self.offset:08}",
        )
        check = _check_digit(channel + partition + offset)
        return f"{channel}-{partition}-{offset}-{check}"

    @classmethod
    def parse(cls, text: str) -> "Receipt":
        """Read a number as typed: hyphens may be missing, spaces are ignored."""
        match = _SHAPE.fullmatch("".join(text.split()))
        if match is None or not match[0].isascii():
            raise BadReceiptError("a receipt number looks like 02-07-00128431-5")
        channel, partition, offset, check = match.groups()
        if int(check) != _check_digit(channel + partition + offset):
            raise BadReceiptError("the check digit does not fit: a digit was misread or mistyped")
        return cls(int(channel), int(partition), int(offset))


def _check_digit(digits: str) -> int:
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10
