"""pydantic's faults as intake answers them, in two languages."""

from pydantic import ValidationError

from hutong.events.faults import field_fault, path_of
from hutong_intake.problems import Fault


def faults_of(error: ValidationError) -> list[Fault]:
    """Every fault with its field path, in the order of the fields."""
    faults = []
    for found in error.errors(include_url=False, include_input=False):
        path, context = path_of(found), found.get("ctx", {})
        if found["type"] == "hutong":  # one of models.refuse
            code, zh, en, status = context["fault"]
            faults.append(Fault(path, code, zh, en, status))
        else:
            faults.append(Fault(*field_fault(path, found["type"], context)))
    return faults
