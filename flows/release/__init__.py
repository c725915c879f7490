"""A release: its tables, its database, its manifest, and the turn of `current` to it."""

from flows.release.contents import SCHEMA_VERSION, Contents
from flows.release.current import CURRENT, sweep
from flows.release.freshness import (
    Freshness,
    Usual,
    first_line,
    fresh,
    freshness_of,
    plain_rows,
    require_fresh,
    usual_rows,
)
from flows.release.keep import remove_outlived
from flows.release.manifest import about, commit
from flows.release.manifest import edition as edition_applied
from flows.release.opened import EDITION_FILE, Release, edition_text, manifests, open_release
from flows.release.predecessor import NOTHING_BEFORE, UNREADABLE, Before, before
from flows.release.publish import publish as publish_release
from flows.release.rewrite import Rewritten, mend, without
from flows.release.views import described_views

__all__ = [
    "CURRENT",
    "EDITION_FILE",
    "NOTHING_BEFORE",
    "SCHEMA_VERSION",
    "UNREADABLE",
    "Before",
    "Contents",
    "Freshness",
    "Release",
    "Rewritten",
    "Usual",
    "about",
    "before",
    "commit",
    "described_views",
    "edition_applied",
    "edition_text",
    "first_line",
    "fresh",
    "freshness_of",
    "manifests",
    "mend",
    "open_release",
    "plain_rows",
    "publish_release",
    "remove_outlived",
    "require_fresh",
    "sweep",
    "usual_rows",
    "without",
]
