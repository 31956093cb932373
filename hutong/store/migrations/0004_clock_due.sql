-- Every clock of every issue. All times are milliseconds UTC.
CREATE TABLE clock_due (
    issue_id text NOT NULL,
    clock text NOT NULL,
    origin text NOT NULL,
    department text NOT NULL,
    street text NOT NULL,
    tier text,
    calendar text NOT NULL,
    started_at bigint NOT NULL,
    due_at bigint NOT NULL,
    stopped_at bigint,
    paused boolean NOT NULL,
    runs boolean NOT NULL,
    provisional boolean NOT NULL,
    excused_ms bigint NOT NULL,
    late boolean NOT NULL,
    level text NOT NULL,
    next_at bigint,
    PRIMARY KEY (issue_id, clock)
) WITH (fillfactor = 80);
-- What comes by itself, in its order. Most rows have nothing to come.
CREATE INDEX ON clock_due (next_at, issue_id, clock) WHERE next_at IS NOT NULL;
CREATE INDEX ON clock_due (department, due_at);
CREATE INDEX ON clock_due (due_at) WHERE runs;
CREATE INDEX ON clock_due (issue_id) WHERE provisional;
