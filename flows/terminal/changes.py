"""What changed since a release, as a list on the terminal: counts by cause, then each finding, the gravest first."""

from audit.changes import gravest_first
from audit.vocabulary import CHANGES_OF_A_FINDING
from flows.night import Since
from flows.terminal.outcome import Plain, grid
from flows.wording import DASH, shown, words


def tell(since: Since) -> None:
    """Print it."""
    out = Plain()
    out.print(since.line)
    changes = since.changes
    if changes.is_empty():
        return
    by_cause = grid("cause", *(words(name) for name in CHANGES_OF_A_FINDING))
    for cause, kinds in since.by_cause.items():
        by_cause.add_row(words(cause), *(f"{n:,}" for n in kinds.values()))
    out.print(by_cause)
    out.print()
    table = grid("episode", "rule", "change", "before", "now", "why")
    for row in gravest_first(changes).iter_rows(named=True):
        states = (
            " ".join(words(part) for part in (row[f"verdict_{side}"], f"[{row[f'reason_{side}']}]"))
            if row[f"verdict_{side}"]
            else DASH
            for side in ("before", "now")
        )
        table.add_row(shown(row["episode_id"]), row["rule_id"], words(row["change"]), *states, row["cause_text"])
    out.print(table)
