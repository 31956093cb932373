"""Projections: keeps issue states and read models in PostgreSQL."""
