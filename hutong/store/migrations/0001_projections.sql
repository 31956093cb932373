-- States, offsets and the first read models. All times are milliseconds UTC.
-- Indexes keep the names that PostgreSQL gives them, so that a rebuilt copy has the same ones.

-- Where the live projections stand in `issues`; moves in the transaction that writes the rows.
CREATE TABLE projection_offset (
    partition integer PRIMARY KEY,
    next_offset bigint NOT NULL CHECK (next_offset >= 0)
);

-- With which versions the rows were made: 'fold', 'places' and one line per read model.
CREATE TABLE projection_built (
    part text PRIMARY KEY,
    version text NOT NULL
);

CREATE TABLE issue_state (
    issue_id text PRIMARY KEY,
    partition integer NOT NULL,
    fold_version integer NOT NULL,
    state jsonb NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE issue_current (
    issue_id text PRIMARY KEY,
    receipt text NOT NULL,
    channel text NOT NULL,
    origin text NOT NULL,
    status text NOT NULL,
    area text,
    street text NOT NULL,
    category text,
    item text,
    kind text,
    intent text,
    tier text,
    lead text,
    co_owners text[] NOT NULL,
    hop integer NOT NULL,
    subject text NOT NULL,
    lon double precision,
    lat double precision,
    address text,
    reported_at bigint NOT NULL,
    dispatched_at bigint,
    accepted_at bigint,
    responded_at bigint,
    resolved_at bigint,
    unresolvable boolean NOT NULL,
    closed_at bigint,
    applied integer NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON issue_current (receipt);
CREATE INDEX ON issue_current (reported_at);
CREATE INDEX ON issue_current (status, reported_at);
CREATE INDEX ON issue_current (lead, reported_at);

CREATE TABLE issue_timeline (
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    issue_id text NOT NULL,
    event_id text NOT NULL,
    name text NOT NULL,
    principal text NOT NULL,
    actor text NOT NULL,
    origin text NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    occurred_at bigint NOT NULL,
    received_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    source text NOT NULL,
    causation_id text,
    data jsonb NOT NULL,
    PRIMARY KEY (partition, "offset")
);
CREATE INDEX ON issue_timeline (issue_id, "offset");

CREATE TABLE category_weekly (
    week text NOT NULL,
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
    PRIMARY KEY (week, origin, street, category, kind)
);

CREATE TABLE department_load (
    department text NOT NULL,
    origin text NOT NULL,
    open bigint NOT NULL,
    dispatched bigint NOT NULL,
    accepted bigint NOT NULL,
    returned bigint NOT NULL,
    resolved bigint NOT NULL,
    unresolvable bigint NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (department, origin)
);
