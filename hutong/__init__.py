"""Hutong: event-sourced city issue intake on Apache Kafka."""
