-- How far a process has followed the timeline of `issues`, partition by partition.
CREATE TABLE process_position (
    process text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    PRIMARY KEY (process, partition)
);

-- Live issues that were looked at for duplicates, by what later ones are found by: the duty item that an
-- issue has, or the router's best guess while it lies with the desk ('' for none).
CREATE TABLE duplicate_candidate (
    issue_id text PRIMARY KEY,
    item text NOT NULL,
    reported_at bigint NOT NULL
);
CREATE INDEX ON duplicate_candidate (item, reported_at);
