"""What the drawings of the report share: the places of numbers."""


def scale(rate: float) -> float:
    """Return the horizontal place of a rate in the drawing."""
    return round(20 + 640 * rate, 1)
