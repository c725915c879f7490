"""What the command line says of an export: what was written, or how it stood the attacks."""

from collections.abc import Sequence
from pathlib import Path

from flows.errors import Disclosed
from flows.export import Attack, Exported
from flows.terminal.outcome import Plain


def written(out: Path, done: Exported) -> None:
    """Print what was written, in figures."""
    console = Plain()
    console.print(f"{done.profile.title} (profile {done.profile.id}) written to {out}")
    if done.words:
        console.print(done.words)
    for name, figure in done.told.items():
        console.print(f"  {name}: {figure:,}")
    console.print(
        "Before it leaves: rechallenge export --verify, and what docs/exports.md says to the person who signs."
    )


def attacks(found: Sequence[Attack]) -> None:
    """Print each attack with its outcome; Disclosed where one succeeded."""
    console = Plain()
    for attack in found:
        console.print(f"{'SUCCEEDED' if attack.succeeded else 'withstood'}  {attack.name}: {attack.asks}")
        console.print(f"  {attack.outcome}")
        for line in attack.details:
            console.print(f"  - {line}")
    if any(attack.succeeded for attack in found):
        raise Disclosed
    console.print(f"All {len(found)} attacks were withstood.")
