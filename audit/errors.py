"""What the audit refuses to judge by."""


class GuidelineError(ValueError):
    """An edition or overlay that cannot be applied; the message names what is wrong."""
