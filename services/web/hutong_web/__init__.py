"""The pages that people look at: the board, the case, and nothing that changes anything."""
