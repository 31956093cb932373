-- When the present lead of an issue got it.
ALTER TABLE issue_current ADD COLUMN turn_at bigint;
CREATE INDEX ON issue_current (turn_at);

-- Circulars as they were issued. Not made from the log: a rebuild leaves them alone.
CREATE TABLE circular_edition (
    period text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    issued_at bigint NOT NULL,
    issued_by text NOT NULL,
    digest text NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (period, number)
);
