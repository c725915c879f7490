"""What a night changed, and why: the patients with a change are judged again in steps, each adding one kind of news."""

from audit.changes.causes import Edition, Night, changes, gravest_first
from audit.changes.history import history
from audit.changes.marks import marks, waiting
from audit.changes.pairs import Findings, Pairs, pairs

__all__ = ["Edition", "Findings", "Night", "Pairs", "changes", "gravest_first", "history", "marks", "pairs", "waiting"]
