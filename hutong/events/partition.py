"""Which partition a key goes to: what every client of ours, Java's and aiokafka's agree on."""

from typing import Final

_MULTIPLIER: Final = 0x5BD1E995
_SEED: Final = 0x9747B28C
_MASK: Final = 0xFFFF_FFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a keyed record: Kafka's murmur2 of the key, the sign dropped, modulo."""
    return (murmur2(key) & 0x7FFF_FFFF) % partitions


def murmur2(data: bytes) -> int:
    """32 bits, as org.apache.kafka.common.utils.Utils.murmur2 counts them."""
    length = len(data)
    whole = length & ~3
    value = _SEED ^ length
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * _MULTIPLIER & _MASK
        word = (word ^ word >> 24) * _MULTIPLIER & _MASK
        value = (value * _MULTIPLIER & _MASK) ^ word
    if whole < length:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    value = (value ^ value >> 13) * _MULTIPLIER & _MASK
    return value ^ value >> 15
