"""What rows are read and judged by: the edition with the site's values, the site's facts, the code lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.guideline import Guideline, overlay
from flows.editions import load
from flows.references import codelists
from flows.references import site as sites
from flows.references.codelists import CodeLists
from flows.references.site import Site


@dataclass(frozen=True, slots=True)
class References:
    """The edition with the site's values, the site, the code lists."""

    guideline: Guideline
    site: Site
    codelists: CodeLists


def refer(guideline: str, site: Path | None, folders: Sequence[Path]) -> References:
    """Load the references; raise Usage or GuidelineError naming what is wrong."""
    settings = sites.load(site)
    edition = overlay(load(guideline), settings.overlay)
    lists = codelists.load(folders, drugs=(edition.audited_drug, *edition.other_thiopurines))
    return References(edition, settings, lists)
