"""The pages in English."""

from typing import Final

from hutong_web.wording import Wording

EN: Final = Wording(
    seal="Hutong",
    board_title="Issues at a glance",
    skip_to_content="Skip to content",
    switch_language="中文",
    switch_language_label="Switch to Chinese",
    back_to_board="Back to the board",
    navigation="Pages",
    receipt_search="Find by receipt number",
    receipt_placeholder="e.g. 02-07-00128431-5",
    search="Find",
    footer_truth="Computed from the event log. The log is the truth.",
    footer_privacy="Name, phone and home of the reporter are not on these pages.",
    as_of="Data as of",
    as_of_nothing="nothing recorded yet",
    log_position="Log position",
    log_position_value="issues, record {count} ({partitions} partitions)",
    log_position_hint="Offset reached in each partition: {offsets}",
    pack="City pack",
    pack_hint="Hash of the city pack that names come from: {hash}",
    refresh_on="Refreshes every {seconds} s",
    refresh_paused="Paused",
    refresh_held="Held while you read",
    refresh_failed="Cannot refresh: these are the last figures read",
    pause="Pause",
    resume="Resume",
    origin="Origin",
    origin_all="All",
    origin_notice_mixed="Not all of this is live: {parts}. Not for assessment.",
    origin_part="{count} {name}",
    origin_case_simulated="Simulated: made by the simulator, not a real issue.",
    origin_case_imported=(
        "Imported: from earlier records; times are those of the system it came from."
    ),
    totals="Totals",
    total_reported="Reported",
    total_reported_note="all channels",
    total_dispatched="Dispatched",
    total_dispatched_note="{share} of reports",
    total_desk="At the desk",
    total_desk_note="{queued} unsure · {returned} returned",
    total_open="Open",
    total_open_note="not closed yet",
    total_closed="Closed",
    total_closed_note="{share} of reports",
    week_to_date="This week so far",
    week_last="Last week, whole",
    week_change="{change} against all of last week",
    week_no_last="no reports last week",
    categories_title="Categories, last {weeks} weeks",
    categories_hint=(
        "One panel a category, one bar a week, same scale; vermilion is this week so far. A "
        "name filters the list."
    ),
    categories_table="Show as a table",
    category="Category",
    category_other="Other categories",
    category_none="Not classified yet",
    week_label="from {day} {month_name}",
    this_week="This week",
    total="Total",
    categories_empty="No reports in the last {weeks} weeks.",
    departments_title="Load of departments",
    departments_hint="Most open first; lead cases only. Dark: unsigned.",
    department="Department",
    load_open="Open",
    load_unsigned="Unsigned",
    load_ended="Ended",
    load_ended_hint="closed, merged, withdrawn or transferred; resolved but not closed is open",
    load_returned="Returned",
    departments_empty="Nothing has been dispatched yet.",
    departments_more="{count} more",
    issues_title="Latest issues",
    issues_found="latest {count} that match",
    issues_latest="latest {count}",
    issues_none="No issue matches the filters.",
    clear_filters="Clear filters",
    filters="Filters",
    apply="Apply",
    any_status="Any status",
    any_department="Any department",
    any_category="Any category",
    any_street="Any street",
    group_desk="At the desk (unsure, returned)",
    group_open="Open (not closed)",
    group_dispatched="Dispatched at least once",
    receipt="Receipt",
    reported_at="Received",
    channel="Channel",
    street="Street",
    subject="Subject",
    lead="Lead",
    status="Status",
    no_street="Not located",
    no_subject="(no subject)",
    no_lead="—",
    older="Older →",
    newest="← Newest",
    empty_title="No issues yet",
    empty_body=(
        "Everything is ready and waits for the first report. "
        "In the folder where you ran hutong up, in another terminal:"
    ),
    empty_after="Within seconds its receipt, category and department appear here.",
    empty_many="To see it full, import a made-up history (marked imported wherever it shows):",
    case_title="Issue {receipt}",
    case_facts="Facts",
    case_text="As written",
    case_why="Why it went there",
    case_timeline="What happened",
    kind="Kind",
    intent="Intent",
    tier="Tier",
    co_owners="Co-owners",
    area="Area",
    area_unknown="Not located",
    address="Address",
    no_co_owners="none",
    hop="Dispatch no.",
    hop_value="no. {hop}",
    issue_number="Issue id",
    not_yet="not yet",
    text_hidden_note=(
        "Control, zero-width and bidirectional characters are shown by code; nothing was changed."
    ),
    text_corrected="Shown as corrected; the first wording is in the history.",
    text_missing="The report itself has not been recorded yet.",
    why_auto="Dispatched automatically",
    why_desk="Dispatched by the desk",
    why_queued="The router was not sure and left it to the desk",
    why_nothing="Not dispatched yet.",
    confidence="Confidence",
    duty_item="Duty item",
    evidence="Words found",
    evidence_value="{field}, weight {weight}",
    evidence_marked="marked in the text",
    field_subject="subject",
    field_body="text",
    candidates="Candidates",
    candidate_score="Score",
    model="Model",
    pack_version="Pack",
    clocks="Time limits",
    clock_value="{length} ({calendar})",
    legend_occurred="occurred",
    legend_occurred_text="what the sender says",
    legend_received="received",
    legend_received_text="when it reached us: clocks start here",
    legend_recorded="recorded",
    legend_recorded_text="when it entered the log of issues",
    legend_difference="+ is the time since the one before",
    since_previous="+{duration}",
    principal="Sent by",
    actor="By",
    place_in_log="In the log",
    place_source="from",
    event_number="Event",
    answers="Answers",
    verdict_why="Why",
    first_event="Opened",
    timeline_empty="Nothing recorded yet.",
    error_database_title="No data for the moment",
    error_database_body=(
        "The pages are up, but the database (PostgreSQL) does not answer. Reporting and "
        "dispatch go on: the log keeps everything, and the pages catch up when the database "
        "is back."
    ),
    error_database_do=(
        "Reload in a moment. If it lasts, have the database and the projection service "
        "checked (hutong status)."
    ),
    error_retry="Reload",
    error_not_migrated_title="The database has no tables yet",
    error_not_migrated_body=(
        "The pages reach the database, but it lacks the tables of this version. Run first:"
    ),
    not_found_title="No such page",
    not_found_body=(
        "The address may be mistyped. Search by receipt number, or go back to the board."
    ),
    issue_not_found_title="This issue was not found",
    issue_not_found_body=(
        "No issue has this id. If it was reported just now, try again in a few seconds."
    ),
    receipt_not_found_title="Receipt {receipt} was not found",
    receipt_not_found_body=(
        "The number is well formed (its check digit fits), but no issue has it yet. If it "
        "was reported just now, try again in a few seconds."
    ),
    receipt_bad_shape=(
        "“{typed}” is not a receipt number. One looks like 02-07-00128431-5; the hyphens may "
        "be left out."
    ),
    receipt_bad_check=(
        "The check digit of “{typed}” does not fit: a digit was misheard or mistyped."
    ),
    receipt_bad_title="That receipt number is wrong",
    bad_filter_title="These filters make no sense",
    bad_filter_body=(
        "The filters in the address cannot be read. Go back to the board and choose again."
    ),
)
