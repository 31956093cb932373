"""A month of a district after its reports: departments, desk and people act, on a simulated clock.

Pure and seeded: the same reports, states, city and seed give the same acts, byte for byte.
"""

from hutong.demo.month.play import play, stage_of
from hutong.demo.month.stage import Told

__all__ = ["Told", "play", "stage_of"]
