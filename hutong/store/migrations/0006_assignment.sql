-- Who below a department has which issue now.
CREATE TABLE assignment (
    issue_id text NOT NULL,
    department text NOT NULL,
    assignee text NOT NULL,
    level text NOT NULL,
    since bigint NOT NULL,
    due_at bigint,
    origin text NOT NULL,
    PRIMARY KEY (issue_id, department)
) WITH (fillfactor = 80);
CREATE INDEX ON assignment (assignee, due_at);
