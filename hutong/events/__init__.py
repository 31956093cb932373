"""Typed events, their Avro codec and the topic catalogue. Pure: no Kafka client, no I/O but the
package's own files."""
