"""What happens by itself: clocks, orders, duplicates."""
