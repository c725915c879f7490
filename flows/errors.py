"""The errors that a person sees as one line, each with its exit code.

A message never holds a patient id, a value or a row: it goes to standard error and to the logs.
"""


class RechallengeError(Exception):
    """Something that stops a command; the message is the one line for standard error."""

    exit_code = 1


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
