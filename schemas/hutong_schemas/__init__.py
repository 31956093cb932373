"""The contract: Avro schemas, the topic catalogue, examples and the lock of schema ids."""
