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
    family_same: str
    note_head: str

    # the role switch
    acting_as: str
    acting_nobody: str
    acting_role: str
    acting_by: str
    acting_by_hint: str
    acting_grid: str
    acting_change: str
    acting_note: str

    # forms
    acts_title: str
    acts_as: str
    acts_none: str
    acts_choose_role: str
    waits_for_this: str
    please_choose: str
    not_said: str
    required: str
    likely: str
    all_departments: str
    all_rulings: str
    by_duty_list: str
    by_ruling: str
    by_item: str
    needs_evidence: str
    choose_several: str
    co_owners_hint: str
    ruling_hint: str
    ruling_hint_open: str
    issue_hint: str
    unchanged_hint: str
    photos_hint: str
    photos_kept: str
    photos_lost: str
    working_days: str
    natural_days: str
    grant: str
    refuse: str
    field_missing: str
    not_a_time: str
    not_readable: str
    no_such_issue: str
    no_street_office: str
    ruling_has_no_lead: str
    nothing_changed: str
    form_has_faults: str
    closed_meanwhile: str
    closed_typed: str
    intake_down: str
    may_not_act_title: str
    may_not_act_body: str
    foreign_form_title: str
    foreign_form_body: str
    too_much_title: str
    too_much_body: str

    # what became of an act
    done_in_log: str
    done_applied: str
    done_refused: str
    done_waiting: str
    done_slow: str
    done_in_history: str
    done_look_again: str
    foretold_applied: str
    foretold_refused: str
    foretold_waiting: str
    foretold_unknown: str
    photo_alt: str
    photo_kept: str
    photo_simulated: str
    revealed_title: str
    revealed_once: str
    reveal_hint: str
    name_needed: str
    tab_suspects: str
    suspects_nothing: str
    pair_metres: str
    pair_minutes: str
    pair_text: str
    pair_merge: str
    pair_dismiss: str
    back_to_desk: str
    back_to_inbox: str
    back_to_grid: str

    # lists of work
    since: str
    more: str
    desk_title: str
    desk_kinds: str
    desk_all: str
    desk_late: str
    desk_nothing: str
    desk_ahead: str
    desk_ruled: str
    desk_candidate: str
    desk_proposed: str
    desk_minutes: str
    inbox_parts: str
    inbox_scorecard: str
    inbox_more: str
    inbox_nothing: str
    inbox_given: str
    inbox_sign: str
    inbox_sign_hint: str
    inbox_work: str
    inbox_work_hint: str
    inbox_help: str
    inbox_help_hint: str
    inbox_desk: str
    inbox_desk_hint: str
    inbox_check: str
    inbox_check_hint: str
    inbox_done: str
    inbox_done_hint: str
    no_department_title: str
    no_department_body: str
    grid_title: str
    grid_who: str
    grid_given: str
    grid_check: str
    grid_nothing: str
    grid_report: str
    grid_photos: str
    grid_on_the_spot: str
    grid_not_handled: str
    grid_done: str
    grid_send: str
    grid_reported: str
    grid_reported_hint: str


def work_wording(language: Language) -> WorkWording:
    """The texts of a language."""
    from hutong_web.work_wording_en import EN
    from hutong_web.work_wording_zh import ZH

    return ZH if language is Language.ZH else EN
