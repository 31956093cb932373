-- The city packs that count, as projections read them on `city`: for pages and tools without a broker.
-- Not made from `issues`: a rebuild leaves them alone.
CREATE TABLE city_pack (
    since bigint PRIMARY KEY,
    pack text NOT NULL,
    archive bytea NOT NULL
);
