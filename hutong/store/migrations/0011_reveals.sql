-- Who was told who reported an issue, for those who watch over it.
CREATE INDEX ON issue_timeline (recorded_at) WHERE name = 'IdentityRevealed';
