-- What is to leave for the topic `orders`: written in the transaction that moves the states, taken
-- out once the broker has confirmed it. It belongs to no read model: a rebuild sends nothing.
CREATE TABLE outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    issue_id text NOT NULL,
    name text NOT NULL,
    value bytea NOT NULL
);
