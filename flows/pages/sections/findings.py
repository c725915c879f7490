"""All findings that are neither pass nor not applicable, as rows that the page's script filters."""

from typing import Any

import polars as pl

from flows.pages.embedded import as_json
from flows.pages.facts import Facts
from flows.wording import shown

MOST = 10_000  # the most urgent; so that the page of a large cohort stays small
VALUE = r"\d[\d.:\-]*"
GAP = "\x01"  # no text of the data holds one: `shown` writes it out
COLUMNS = ("rule", "site", "urgency", "verdict", "mark")


def section(facts: Facts) -> dict[str, Any]:
    """Return `findings`: how many there are, how many are shown, and these as JSON."""
    rows = listed(facts).head(MOST)
    return {"findings": {"total": facts.waiting.height, "shown": rows.height, "data": as_json(packed(rows))}}


def listed(facts: Facts) -> pl.DataFrame:
    """Return the findings in their order, with the words that are shown of each."""
    sites = facts.judged.episodes.select("episode_id", site="site_id")
    verdict, mark = (pl.col(name).fill_null("").str.replace_all("_", " ") for name in ("verdict", "mark"))
    said = pl.col("message").fill_null("")
    return facts.waiting.join(sites, on="episode_id", how="left", maintain_order="left").select(
        rule="rule_id",
        site=pl.col("site").fill_null(""),
        urgency=pl.col("urgency").str.replace_all("_", " "),
        verdict=verdict,
        mark=mark,
        note=pl.when(pl.col("mark").is_not_null()).then(
            pl.format("by {}{}", pl.col("marked_by").fill_null(""), pl.format(": {}", "note").fill_null(""))
        ),
        event=pl.col("event_date").dt.to_string("%Y-%m-%d").fill_null(""),
        patient=pl.col("patient_id").fill_null(""),
        episode="episode_id",
        message=said.map_elements(shown, return_dtype=pl.String),
    )


def packed(rows: pl.DataFrame) -> dict[str, Any]:
    """Return the rows by column, a repeated word by its place in a list, a sentence by its form and its values."""
    forms = rows.select(
        form=pl.col("message").str.replace_all(VALUE, GAP),
        values=pl.col("message").str.extract_all(VALUE).list.join(" "),
    )
    lists = {name: rows[name].unique(maintain_order=True).to_list() for name in COLUMNS}
    lists["form"] = forms["form"].unique(maintain_order=True).to_list()
    columns: dict[str, list[Any]] = {name: _places(rows[name], lists[name]) for name in COLUMNS}
    columns |= {name: rows[name].to_list() for name in ("event", "patient", "episode")}
    columns |= {"sentence": _places(forms["form"], lists["form"]), "values": forms["values"].to_list()}
    sentences = [form.split(GAP) for form in lists.pop("form")]
    notes = {str(n): note for n, note in enumerate(rows["note"].to_list()) if note}
    return {**lists, "sentences": sentences, "note": notes, "columns": columns}


def _places(words_of_rows: pl.Series, listed_words: list[str]) -> list[int]:
    """Return for each row the place of its word in the list."""
    places = range(len(listed_words))
    found: list[int] = words_of_rows.replace_strict(listed_words, places, return_dtype=pl.Int32).to_list()
    return found
