-- An event id is one within an issue; a sender may use it for two. With the id alone as key the box
-- that was read last would take the other's place, and who reported would depend on how partitions
-- are interleaved.
ALTER TABLE identity DROP CONSTRAINT identity_pkey, ADD PRIMARY KEY (event_id, issue_id);
