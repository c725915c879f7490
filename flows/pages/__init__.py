"""What people read in a browser or in docs/: each page made from frames alone."""

from flows.pages.checks import Checks
from flows.pages.checks import render as render_checks
from flows.pages.facts import Facts, facts_of
from flows.pages.meeting import render as render_meeting
from flows.pages.person import render as render_person
from flows.pages.report import render as render_report

__all__ = ["Checks", "Facts", "facts_of", "render_checks", "render_meeting", "render_person", "render_report"]
