"""For tests of apps that use the SDK: an intake in memory, a bad network, a department's inbox."""

from hutong.sdk.testing.chaos import Chances, ChaosTransport
from hutong.sdk.testing.examples import example_order, example_refusal, example_withdrawal
from hutong.sdk.testing.memory import Kept, MemoryIntake
from hutong.sdk.testing.sandbox import Played, Sandbox

__all__ = [
    "Chances",
    "ChaosTransport",
    "Kept",
    "MemoryIntake",
    "Played",
    "Sandbox",
    "example_order",
    "example_refusal",
    "example_withdrawal",
]
