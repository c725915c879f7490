"""One audit at a time in a home: an advisory lock that a killed process frees by dying."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import Locked


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold `home/.lock` for the block; raise Locked at once when another process holds it.

    The file stays behind: removing it would let two processes hold two different files of one name.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked("another audit is running in this home; nothing was changed") from None
        yield
