"""Tools that read the log again. They commit no service's offsets and cause no side effects."""
