"""Which city pack is in force when: promotions on the topic `city`, read back and written."""

from hutong.promotions.timeline import NoPackError, Promotion, Timeline

__all__ = ["NoPackError", "Promotion", "Timeline"]
