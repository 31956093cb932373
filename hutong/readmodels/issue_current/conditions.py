"""What an issue may be asked for besides its codes, so that a figure can show its issues."""

from collections.abc import Mapping
from typing import Final, LiteralString

#: Name of a fact -> its condition; ``{at}`` is the instant by which open clocks count as overdue.
FACTS: Final[Mapping[str, LiteralString]] = {
    "dispatched": "dispatched_at IS NOT NULL",
    "queued": "status = 'queued'",
    "resolved": "resolved_at IS NOT NULL AND NOT unresolvable",
    "unresolvable": "resolved_at IS NOT NULL AND unresolvable",
    "closed": "closed_at IS NOT NULL",
    "on-the-spot": "on_the_spot",
    "merged": "master IS NOT NULL",
    "returned": "returns > 0",
    "reworked": "rework > 0",
    "overdue": "(respond_due_at < {at} OR resolve_due_at < {at})",
    "respond-overdue": "respond_due_at < {at}",
    "resolve-overdue": "resolve_due_at < {at}",
    "respond-missed": "(respond_late OR respond_due_at < {at})",
    "resolve-missed": "(resolve_late OR resolve_due_at < {at})",
    "dissatisfied": "satisfied IS FALSE",
    "unsolved": "solved IS FALSE",
}
