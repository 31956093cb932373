"""The circular (通报): the figures of a week, month or quarter as an edition. Needs `store`."""
