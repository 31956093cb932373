"""Version 1 of the rules. Once released it is never edited: a change is a version beside it."""

from hutong.issue.table import Table
from hutong.issue.v1.clock_table import CLOCKS, move_clocks
from hutong.issue.v1.reasons import REASONS
from hutong.issue.v1.transitions import ROWS

TABLE = Table("1", ROWS, CLOCKS, move_clocks, REASONS)
