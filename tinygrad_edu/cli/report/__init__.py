"""The report of a run: one HTML page that needs nothing but itself."""

from .page import write_report as write_report
from .step import check_step as check_step

__all__ = ["check_step", "write_report"]
