"""The life of an issue: state, rules and fold. Pure: no I/O, no wall clock, no client libraries."""
