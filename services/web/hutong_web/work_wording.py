"""What the pages of work say: the state on the case page, desk, departments, grid, acts.

A catalogue as in `hutong_web.wording`, apart from it so that neither grows too long.
"""

from dataclasses import dataclass

from hutong_web.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWording:
    """One instance a language."""

    # clocks
    standing_title: str
    clocks_title: str
    clocks_none: str
    past_clocks: str
    clock_due: str
    clock_left: str
    clock_late: str
    clock_in_time: str
    clock_was_late: str
    clock_paused: str
    clock_length: str
    clock_stopped_by: str
    clock_provisional: str
    clock_extended: str
    clock_excused: str
    clock_reminded: str
    clock_escalated: str

    # turns
    turns_title: str
    turn_dwell: str
    turn_present: str
    turn_signed: str
    turn_returned: str
    turn_desk: str
    turn_ended: str

    # what lies over it
    note_next_lead: str
    note_adjudicated: str
    note_adjudicated_text: str
    note_assignment: str
    assigned: str
    assigned_due: str
    note_extension: str
    extension_waits: str
    extension_granted: str
    extension_refused: str
    note_suspension: str
    suspended_text: str
    note_supervision: str
    supervised: str
    supervised_over: str
    note_result: str
    note_call: str
    called_tries: str
    note_rating: str
    rated_stars: str
    rated_solved: str
    rated_unsolved: str
    rated_satisfied: str
    rated_dissatisfied: str
    rounds_title: str
    round_number: str
    round_text: str
    family_title: str
    family_master: str
    family_child: str
    family_suspect: str


def work_wording(language: Language) -> WorkWording:
    """The texts of a language."""
    from hutong_web.work_wording_en import EN
    from hutong_web.work_wording_zh import ZH

    return ZH if language is Language.ZH else EN
