"""Everything that the pages get their rows from, as one."""

from typing import Protocol

from hutong_web.data import Source
from hutong_web.in_force import KeepsPacks
from hutong_web.reports.data import ReportSource


class AllSources(Source, ReportSource, KeepsPacks, Protocol):
    """What a site needs."""
