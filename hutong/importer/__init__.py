"""History from another system comes in through the import topic, each message with its own time."""
