from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fixtures.log_suite import LogSuite, RunWithLog, Scenario
from tests.fixtures.memory_log import MemoryLog


class TestMemoryLog(LogSuite):
    @pytest.fixture
    def run_with_log(self) -> RunWithLog:
        def run(scenario: Scenario, *, in_flight: int = 100) -> Any:
            async def go() -> Any:
                return await scenario(MemoryLog(in_flight=in_flight))

            return asyncio.run(go())

        return run
