-- What the pages need to stay quick with a million issues. A new read model asks for
-- `hutong replay rebuild --all` after it.
CREATE TABLE status_count (
    origin text NOT NULL,
    status text NOT NULL,
    issues bigint NOT NULL,
    dispatched bigint NOT NULL,
    PRIMARY KEY (origin, status)
);

-- Each of what follows is named by PostgreSQL, as a rebuilt copy names it.
DROP INDEX issue_current_reported_at_idx;
-- What waits in an area, for its grid workers.
CREATE INDEX ON issue_current (area, status, reported_at);
-- What is overdue is little: the index has only what is open.
CREATE INDEX ON issue_current (reported_at) WHERE respond_due_at IS NOT NULL OR resolve_due_at IS NOT NULL;
CREATE INDEX ON issue_current (turn_at) WHERE respond_due_at IS NOT NULL OR resolve_due_at IS NOT NULL;
-- A circular counts all issues of a period by area: from the index alone.
CREATE INDEX ON issue_current (reported_at) INCLUDE (origin, area);
-- The desk's list of every kind, as the one of each kind.
CREATE INDEX ON queue ((coalesce(due_at, 9223372036854775807)), since, issue_id, kind);
