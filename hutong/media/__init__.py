"""Photos as evidence: what may be one, where they lie. Named by the SHA-256 of what is stored."""

from hutong.media.store import MediaDownError, MediaStore, MediaType, Stored, type_of

__all__ = ["MediaDownError", "MediaStore", "MediaType", "Stored", "type_of"]
