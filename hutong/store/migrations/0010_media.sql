-- Which events name a file: to show a photo to those alone who may see its issue, and to tell which
-- photos nobody names. Few events name any.
CREATE INDEX ON issue_timeline USING gin ((data -> 'media')) WHERE data -> 'media' <> '[]';
