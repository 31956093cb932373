"""What can go wrong with the local stack, said with its remedy."""

from __future__ import annotations


class LocalStackError(Exception):
    """Something the local stack needs is missing or broken.

    `str(error)` is the whole message for a person: what is wrong, then what to do about it.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem}\n{remedy}" if remedy else problem)


class ChildFailedError(LocalStackError):
    """A process of the stack could not be started or kept running."""
