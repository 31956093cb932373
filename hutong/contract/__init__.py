"""The contract as documents for other languages. Base dependencies only."""
