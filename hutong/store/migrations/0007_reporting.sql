-- What scorecards, assessments, circulars and lists of duplicates are made from. All times are
-- milliseconds UTC. Raised versions of read models ask for `hutong replay rebuild --all` after it.

ALTER TABLE issue_current
    ADD COLUMN on_the_spot boolean NOT NULL DEFAULT false,
    ADD COLUMN result text,
    ADD COLUMN verified_at bigint,
    ADD COLUMN returns integer NOT NULL DEFAULT 0,
    ADD COLUMN rework integer NOT NULL DEFAULT 0,
    ADD COLUMN master text,
    ADD COLUMN children integer NOT NULL DEFAULT 0,
    ADD COLUMN dispatch_due_at bigint,
    ADD COLUMN accept_due_at bigint,
    ADD COLUMN respond_due_at bigint,
    ADD COLUMN resolve_due_at bigint,
    ADD COLUMN accept_late boolean,
    ADD COLUMN respond_late boolean,
    ADD COLUMN resolve_late boolean,
    ADD COLUMN solved boolean,
    ADD COLUMN satisfied boolean;

-- Its key is another one: the rows are made anew by the rebuild.
DROP TABLE category_weekly;
CREATE TABLE category_weekly (
    week text NOT NULL,
    month text NOT NULL,
    origin text NOT NULL,
    street text NOT NULL,
    category text NOT NULL,
    kind text NOT NULL,
    reported bigint NOT NULL,
    dispatched bigint NOT NULL,
    queued bigint NOT NULL,
    accepted bigint NOT NULL,
    responded bigint NOT NULL,
    resolved bigint NOT NULL,
    unresolvable bigint NOT NULL,
    closed bigint NOT NULL,
    on_the_spot bigint NOT NULL,
    respond_on_time bigint NOT NULL,
    respond_late bigint NOT NULL,
    respond_open bigint NOT NULL,
    resolve_on_time bigint NOT NULL,
    resolve_late bigint NOT NULL,
    resolve_open bigint NOT NULL,
    asked_solved bigint NOT NULL,
    solved bigint NOT NULL,
    asked_satisfied bigint NOT NULL,
    satisfied bigint NOT NULL,
    returned bigint NOT NULL,
    reworked bigint NOT NULL,
    merged bigint NOT NULL,
    PRIMARY KEY (week, month, origin, street, category, kind)
);
CREATE INDEX ON category_weekly (month);

-- Turns of departments, by when they began.
CREATE TABLE department_scorecard (
    department text NOT NULL,
    week text NOT NULL,
    month text NOT NULL,
    origin text NOT NULL,
    issues bigint NOT NULL,
    hops bigint NOT NULL,
    accept_on_time bigint NOT NULL,
    accept_late bigint NOT NULL,
    accept_open bigint NOT NULL,
    respond_on_time bigint NOT NULL,
    respond_late bigint NOT NULL,
    respond_open bigint NOT NULL,
    resolve_on_time bigint NOT NULL,
    resolve_late bigint NOT NULL,
    resolve_open bigint NOT NULL,
    resolved bigint NOT NULL,
    unresolvable bigint NOT NULL,
    reworked bigint NOT NULL,
    returns bigint NOT NULL,
    returns_upheld bigint NOT NULL,
    returns_refused bigint NOT NULL,
    returns_open bigint NOT NULL,
    dwell_ms bigint NOT NULL,
    dwell_hops bigint NOT NULL,
    asked_solved bigint NOT NULL,
    solved bigint NOT NULL,
    asked_satisfied bigint NOT NULL,
    satisfied bigint NOT NULL,
    net_asked_satisfied bigint NOT NULL,
    net_satisfied bigint NOT NULL,
    PRIMARY KEY (department, week, month, origin)
);
CREATE INDEX ON department_scorecard (week);
CREATE INDEX ON department_scorecard (month);

-- What grid workers did, day by day and place by place.
CREATE TABLE worker_assessment (
    worker text NOT NULL,
    day text NOT NULL,
    area text NOT NULL,
    origin text NOT NULL,
    reported bigint NOT NULL,
    on_the_spot bigint NOT NULL,
    assigned bigint NOT NULL,
    assignment_on_time bigint NOT NULL,
    assignment_late bigint NOT NULL,
    assignment_open bigint NOT NULL,
    checks_passed bigint NOT NULL,
    checks_failed bigint NOT NULL,
    reworked bigint NOT NULL,
    PRIMARY KEY (worker, day, area, origin)
);
CREATE INDEX ON worker_assessment (day);

-- Why departments give orders back, by when they did.
CREATE TABLE return_reasons (
    reason text NOT NULL,
    department text NOT NULL,
    week text NOT NULL,
    month text NOT NULL,
    origin text NOT NULL,
    returns bigint NOT NULL,
    upheld bigint NOT NULL,
    refused bigint NOT NULL,
    open bigint NOT NULL,
    hops_after bigint NOT NULL,
    PRIMARY KEY (reason, department, week, month, origin)
);
CREATE INDEX ON return_reasons (week);
CREATE INDEX ON return_reasons (month);

-- Who may be the same matter as whom, as the suspicion of that issue says.
CREATE TABLE duplicate_pair (
    issue_id text NOT NULL,
    other_id text NOT NULL,
    metres integer NOT NULL,
    minutes integer NOT NULL,
    text_score integer NOT NULL,
    suspected_at bigint NOT NULL,
    event_id text NOT NULL,
    origin text NOT NULL,
    PRIMARY KEY (issue_id, other_id)
);
CREATE INDEX ON duplicate_pair (other_id);
CREATE INDEX ON duplicate_pair (suspected_at);

-- Who was merged with whom, as either of the two says: a merge that only one says is a half one.
CREATE TABLE duplicate_merge (
    issue_id text NOT NULL,
    other_id text NOT NULL,
    role text NOT NULL,
    merged boolean NOT NULL,
    at bigint NOT NULL,
    by text NOT NULL,
    reason text,
    event_id text NOT NULL,
    PRIMARY KEY (issue_id, other_id)
);
CREATE INDEX ON duplicate_merge (other_id);
