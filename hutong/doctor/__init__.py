"""Examines a whole installation: each part is asked, nothing is changed, and no part that is down
keeps the others from being looked at."""

from hutong.doctor.examine import examine

__all__ = ["examine"]
