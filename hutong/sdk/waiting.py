"""How the two clients wait: the async one lets others go on. See tools/sdk_twins.py."""

import asyncio
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """The function's result; it runs in a worker thread meanwhile."""
    return await asyncio.to_thread(function, *args, **kwargs)


def directly(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """The function's result."""
    return function(*args, **kwargs)


async def pause_async(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
