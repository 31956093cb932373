"""Every sentence of the pages, in both languages.

A typed catalogue: one field a text, so that a missing or misspelt one is found by the type checker
and by the tests. Words in braces are filled in by the page.
"""

from dataclasses import dataclass

from hutong_web.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the pages say; one instance a language."""

    # page frame
    seal: str
    board_title: str
    skip_to_content: str
    switch_language: str
    switch_language_label: str
    back_to_board: str
    navigation: str
    receipt_search: str
    receipt_placeholder: str
    search: str
    footer_truth: str
    footer_privacy: str

    # as-of line and refresh
    as_of: str
    as_of_nothing: str
    log_position: str
    log_position_value: str
    log_position_hint: str
    pack: str
    pack_hint: str
    refresh_on: str
    refresh_paused: str
    refresh_held: str
    refresh_failed: str
    pause: str
    resume: str

    # origin
    origin: str
    origin_all: str
    origin_notice_mixed: str
    origin_part: str
    origin_case_simulated: str
    origin_case_imported: str

    # totals
    totals: str
    total_reported: str
    total_reported_note: str
    total_dispatched: str
    total_dispatched_note: str
    total_desk: str
    total_desk_note: str
    total_open: str
    total_open_note: str
    total_closed: str
    total_closed_note: str
    week_to_date: str
    week_last: str
    week_change: str
    week_no_last: str

    # categories by week
    categories_title: str
    categories_hint: str
    categories_table: str
    category: str
    category_other: str
    category_none: str
    week_label: str
    this_week: str
    total: str
    categories_empty: str

    # departments
    departments_title: str
    departments_hint: str
    department: str
    load_open: str
    load_unsigned: str
    load_ended: str
    load_ended_hint: str
    load_returned: str
    departments_empty: str
    departments_more: str

    # list
    issues_title: str
    issues_found: str
    issues_latest: str
    issues_none: str
    clear_filters: str
    narrow_period: str
    narrow_turn: str
    filters: str
    apply: str
    any_status: str
    any_department: str
    any_category: str
    any_street: str
    group_desk: str
    group_open: str
    group_dispatched: str
    receipt: str
    reported_at: str
    channel: str
    street: str
    subject: str
    lead: str
    status: str
    no_street: str
    no_subject: str
    no_lead: str
    older: str
    newest: str

    # empty
    empty_title: str
    empty_body: str
    empty_after: str
    empty_many: str

    # case
    case_title: str
    case_facts: str
    case_text: str
    case_why: str
    case_timeline: str
    kind: str
    intent: str
    tier: str
    co_owners: str
    area: str
    area_unknown: str
    address: str
    no_co_owners: str
    hop: str
    hop_value: str
    issue_number: str
    not_yet: str
    text_hidden_note: str
    text_corrected: str
    text_missing: str
    why_auto: str
    why_desk: str
    why_queued: str
    why_nothing: str
    confidence: str
    duty_item: str
    evidence: str
    evidence_value: str
    evidence_marked: str
    field_subject: str
    field_body: str
    candidates: str
    candidate_score: str
    model: str
    pack_version: str
    clocks: str
    clock_value: str

    # timeline
    legend_occurred: str
    legend_occurred_text: str
    legend_received: str
    legend_received_text: str
    legend_recorded: str
    legend_recorded_text: str
    legend_difference: str
    since_previous: str
    principal: str
    actor: str
    place_in_log: str
    place_source: str
    event_number: str
    answers: str
    verdict_why: str
    first_event: str
    timeline_empty: str

    # errors
    error_database_title: str
    error_database_body: str
    error_database_do: str
    error_retry: str
    error_not_migrated_title: str
    error_not_migrated_body: str
    not_found_title: str
    not_found_body: str
    issue_not_found_title: str
    issue_not_found_body: str
    receipt_not_found_title: str
    receipt_not_found_body: str
    receipt_bad_shape: str
    receipt_bad_check: str
    receipt_bad_title: str
    bad_filter_title: str
    bad_filter_body: str


def wording(language: Language) -> Wording:
    """The texts of a language."""
    from hutong_web.wording_en import EN
    from hutong_web.wording_zh import ZH

    return ZH if language is Language.ZH else EN
