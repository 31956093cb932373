-- A new read model asks for `hutong replay rebuild --all` after it.
CREATE TABLE area_weekly (
    week text NOT NULL,
    month text NOT NULL,
    origin text NOT NULL,
    area text NOT NULL,
    reported bigint NOT NULL,
    PRIMARY KEY (week, month, origin, area)
);
CREATE INDEX ON area_weekly (month);

-- It counts by area now.
DROP INDEX issue_current_reported_at_origin_area_idx;
CREATE INDEX ON issue_current (reported_at);
-- What an inbox is ordered by: the running clocks of one department, from the index alone.
CREATE INDEX ON clock_due (department, issue_id, due_at) WHERE runs;
