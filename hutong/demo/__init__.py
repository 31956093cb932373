"""A made-up year of a made-up district: believable reports for demos, tests and benchmarks."""

from hutong.demo.generate import generate_reports
from hutong.demo.report import GeneratedReport, as_json

__all__ = ["GeneratedReport", "as_json", "generate_reports"]
