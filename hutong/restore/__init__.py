"""A wiped city brought back from an archive. Writes to a broker that holds nothing yet."""
