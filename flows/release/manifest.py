"""What a run says of itself: edition, parameters, code, extract, conservation, rows and seconds."""

import subprocess
from typing import Any

from audit.guideline import Guideline
from flows.shipped import CHECKOUT


def about(guideline: Guideline, as_of: str) -> dict[str, str]:
    """Return the words that every table carries; nothing in them differs between two runs over the same input."""
    return {
        "as_of": as_of,
        "guideline": guideline.id,
        "edition": guideline.edition,
        "review_status": guideline.review_status,
        "parameters_hash": guideline.hash,
        "audited_drug": guideline.audited_drug,
        "renewal_overlap_days": str(guideline["renewal_overlap_days"].days),
        "notice": guideline.notice,
    }


def edition(guideline: Guideline) -> dict[str, Any]:
    """Return the guideline's part of the manifest: which edition, and every value as applied."""
    values = guideline.values
    del values["rules"]  # told with their titles
    return {
        "guideline": {
            "id": guideline.id,
            "title": guideline.title,
            "edition": guideline.edition,
            "review_status": guideline.review_status,
            "notice": guideline.notice,
            "audited_drug": values.pop("audited_drug"),
            "other_thiopurines": values.pop("other_thiopurines"),
            "schedule": values.pop("schedule"),
            "rules": [
                {"id": rule.id, "form": rule.form, "class": rule.kind, "title": rule.title} for rule in guideline.rules
            ],
            "set_by_site": list(guideline.overlaid),
        },
        "parameters_hash": guideline.hash,
        **values,
    }


def commit() -> str | None:
    """Return the checkout's commit, marked -dirty where files differ from it; None outside a checkout."""
    if not (CHECKOUT / ".git").exists():
        return None
    command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip() or None
