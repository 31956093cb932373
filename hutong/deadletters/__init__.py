"""What did not get into the log, explained."""
