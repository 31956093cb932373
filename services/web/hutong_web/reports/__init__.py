"""Pages that people report from: circular, scorecards, grid workers, returns."""
