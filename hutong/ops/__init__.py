"""What every long-running service has: structured logs, metrics, health. Needs the `service` extra."""
