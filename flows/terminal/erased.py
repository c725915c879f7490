"""What became of the request to forget a person, without a word of who it is."""

from flows.night import Erased
from flows.terminal.outcome import Plain

UNREACHED = (
    "What this cannot reach: backups and copies of the home, exports and reports that were given away, the extracts "
    "themselves and the systems that send them, and what somebody has open now."
)


def tell(done: Erased) -> None:
    """Print it: what was written anew, what had to go, and what is out of reach."""
    out, found = Plain(), done.releases
    out.print(f"{_of(found.anew, 'kept release')} written anew; {found.held:,} of them held the person.")
    if not found.held:
        out.print("No kept release held this id: is it written as the extracts have it? It is left out all the same.")
    if found.removed:
        out.print(f"{_of(found.removed, 'release')} removed, which this program could not write anew.")
    if found.unread:
        out.print(
            f"{_of(found.unread, 'folder')} among the releases could not be read and stayed as they are: look at them."
        )
    out.print(f"{_of(done.marks, 'mark')} taken out. Every later night leaves the person out.")
    out.print(UNREACHED)


def _of(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
