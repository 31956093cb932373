"""What every long-running service has: logs, metrics, health. Needs the `service` extra."""
