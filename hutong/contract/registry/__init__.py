"""A Confluent-compatible schema registry: whether it has the lock's ids, and giving them to it.

Subjects are Avro full names (RecordNameStrategy): our topics carry several events each, and one
event is on several topics, so a subject per topic would be wrong both ways.
"""
