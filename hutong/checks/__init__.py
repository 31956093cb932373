"""Whether an installation is safe and whole: rules, what they look at, and who asks.

Rules are pure functions from facts to findings; collectors gather the facts and judge nothing.
Services ask at their start and refuse, `hutong doctor` asks about everything and advises.
"""

from hutong.checks.finding import Finding, Level, faults_in, faults_of, refusal

__all__ = ["Finding", "Level", "faults_in", "faults_of", "refusal"]
