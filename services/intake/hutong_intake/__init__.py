"""Intake: reports and actions come in over HTTP."""
