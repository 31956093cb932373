"""Web: the pages that people look at, and the read API behind them."""
