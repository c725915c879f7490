"""An edit of a source text: where, what stands there instead, and the name by which it is listed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHOWN = 60


@dataclass(frozen=True, order=True)
class Edit:
    """The text between start and end replaced by another; the kind says what sort of change it is."""

    start: int
    end: int
    new: str
    kind: str

    def of(self, source: str) -> str:
        """Return the source with the edit made."""
        return source[: self.start] + self.new + source[self.end :]


def named(source: str, edits: Iterable[Edit]) -> Iterator[tuple[str, Edit]]:
    """Yield each distinct edit with a name: its line, and what becomes what; the second of one name is `#2`."""
    seen: dict[str, int] = {}
    taken: set[str] = set()
    for edit in sorted(edits):
        made = edit.of(source)
        if made == source or made in taken:
            continue
        taken.add(made)
        line = source[source.rfind("\n", 0, edit.start) + 1 :].split("\n", 1)[0].strip()
        name = f"{line} [{_short(source[edit.start : edit.end])} -> {_short(edit.new)}]"
        seen[name] = seen.get(name, 0) + 1
        yield (f"{name} #{seen[name]}" if seen[name] > 1 else name), edit


def _short(text: str) -> str:
    """Return a text in one line, cut in the middle where it is long."""
    line = " ".join(text.split()) or "nothing"
    return line if len(line) <= SHOWN else f"{line[: SHOWN // 2]} ... {line[-SHOWN // 2 :]}"
