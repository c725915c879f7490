"""The errors that a person sees as one line, each with its exit code.

A message never holds a patient id, a value or a row: it goes to standard error and to the logs.
"""

import re


class RechallengeError(Exception):
    """Something that stops a command; the message is the one line for standard error.

    `names` are words of the input that the message leaves out: `--debug` shows them, on a terminal alone.
    """

    exit_code = 1

    def __init__(self, line: str, names: str = "") -> None:
        """Keep the line, and apart from it what only a person at a terminal may see."""
        super().__init__(line)
        self.names = names


class Usage(RechallengeError):  # noqa: N818 - named by what it says of the command line
    """The command was called wrongly."""

    exit_code = 2


class Refused(RechallengeError):  # noqa: N818 - named by what happened to the data
    """The data cannot be audited; the last release stays in place."""

    exit_code = 3


class Locked(RechallengeError):  # noqa: N818 - named by the state that it met
    """Another run holds the lock of this home."""

    exit_code = 4


class Broken(RechallengeError):  # noqa: N818 - named by the state of the promise
    """A promise of the program itself does not hold; nothing is published, and the last release stays in place."""


class Unexplained(RechallengeError):  # noqa: N818 - named by what is told of the changes
    """A release was published, and some of its changes nothing explains."""

    def __init__(self) -> None:
        """Say so in one line."""
        super().__init__("the release is published; some changes since the last one cannot be explained")


class Disclosed(RechallengeError):  # noqa: N818 - named by what it says of an export
    """An attack on an export succeeded."""

    def __init__(self) -> None:
        """Say so in one line."""
        super().__init__("an attack on this export succeeds: it must not leave")


def at(error: BaseException) -> str:
    """Return where in a text a parser stopped, as ` (at line 3, column 7)`; its own words may quote the text."""
    found = re.search(r"\(at [a-z0-9, ]+\)$", str(error))
    return f" {found[0]}" if found else ""
