-- Who reported, sealed: nothing in it can be read without the file of identity keys. No page asks
-- for it; intake alone does, when somebody may see who reported (docs/privacy.md).
CREATE TABLE identity (
    event_id text PRIMARY KEY,
    issue_id text NOT NULL,
    nth integer NOT NULL,
    name text NOT NULL,
    contact text,
    key_id text NOT NULL,
    box text NOT NULL
);
CREATE INDEX ON identity (issue_id, nth);
