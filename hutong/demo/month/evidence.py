"""Evidence: photos of the simulated month are made up, like everything in it."""

import hashlib

from hutong.demo.month.stage import Case, Stage


def needs_evidence(stage: Stage, group: str, code: str) -> bool:
    """Whether the city pack wants a file with that reason."""
    return stage.city.reasons[group][code].evidence_required


def photo(case: Case) -> str:
    """The content hash of a photo that was never taken: nobody can open it."""
    return hashlib.sha256(f"{case.issue_id}/{case.acts}".encode()).hexdigest()
