"""Read models: one folder each with tables, pure changes and queries. Needs the `store` extra."""

from hutong.readmodels import (
    area_weekly,
    assignment,
    category_weekly,
    clock_due,
    department_load,
    department_scorecard,
    duplicates,
    identity,
    issue_current,
    issue_timeline,
    queue,
    return_reasons,
    status_count,
    worker_assessment,
)
from hutong.readmodels.base import Change, Mode, ReadModel, Table
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.ground import Ground

__all__ = ["Change", "CityFacts", "Ground", "Mode", "ReadModel", "Table", "all_models"]


def all_models() -> tuple[ReadModel, ...]:
    """Every read model. Sums come last: their rows are shared, so they are locked for the least
    time.
    """
    return (
        issue_current.MODEL,
        issue_timeline.MODEL,
        assignment.MODEL,
        queue.MODEL,
        clock_due.MODEL,
        identity.MODEL,
        duplicates.MODEL,
        status_count.MODEL,
        category_weekly.MODEL,
        area_weekly.MODEL,
        department_load.MODEL,
        department_scorecard.MODEL,
        return_reasons.MODEL,
        worker_assessment.MODEL,
    )
