-- What lies at the desk now: one row for each decision that somebody there owes.
CREATE TABLE queue (
    issue_id text NOT NULL,
    kind text NOT NULL,
    since bigint NOT NULL,
    due_at bigint,
    department text,
    reason text,
    street text NOT NULL,
    category text,
    tier text,
    origin text NOT NULL,
    PRIMARY KEY (issue_id, kind)
) WITH (fillfactor = 80);
-- In the order in which the desk takes them up: by what is due, and what has no limit last.
CREATE INDEX ON queue (kind, (coalesce(due_at, 9223372036854775807)), since, issue_id);
