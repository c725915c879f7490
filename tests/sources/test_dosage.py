"""What a dosage text says, for every source that has such texts: the right number, or none."""

import csv
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dosage import own
from flows.dosage.reading import Reading
from flows.dosage.readings import Reader
from flows.errors import Usage
from flows.intake import steps as intake
from flows.references import units
from flows.sources.mapping import SOURCES
from flows.warehouse.duck import Warehouse
from tests.flows.extracts import references

DRUGS = {"azathioprine": "azathioprine", "imuran": "azathioprine", "prednisone": "corticosteroid_systemic"}
READER = Reader(DRUGS)
TABLET_MG = 50.0
# Texts for tablets of 50 mg with the milligrams a day, worked out by hand; empty where nobody can know.
OURS = Path(__file__).parent / "dosage_texts.csv"
FIELD = Path(__file__).parents[3] / "shared" / "field" / "dosage_texts.csv"
# Three phrasings that are clear and are left unread, as a slip would be dearer: "50 mg 2/day" may be 2 tablets.
LEFT_UNREAD = {"50 mg 2/day", "1 tab 3/day", "50 mg 2 per day"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("work")) as opened:
        units.teach(opened)
        intake.prepare(opened, None, references())
        opened.run(Path(SOURCES / "macros.sql").read_text())
        yield opened


def told(file: Path) -> list[tuple[str, float | None]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [(row["text"], float(row["mg_per_day"]) if row["mg_per_day"] else None) for row in csv.DictReader(lines)]


def dose(warehouse: Warehouse, reading: Reading, tablet_mg: float | None = TABLET_MG) -> float | None:
    """Return the milligrams a day as the mappings make them of a reading."""
    if not reading.is_known:
        return None
    said = [reading.mg_a_day, reading.pieces_a_day, reading.piece_mg, reading.other_piece_mg, tablet_mg]
    asked = "SELECT text_dose($1::DOUBLE, $2::DOUBLE, $3::DOUBLE, $4::DOUBLE, $5::DOUBLE)"
    found = warehouse.rows(asked, said)[0][0]
    return None if found is None else float(found)


def read(warehouse: Warehouse, text: str, tablet_mg: float | None = TABLET_MG) -> float | None:
    return dose(warehouse, READER.read(text), tablet_mg)


def same(found: float | None, expected: float | None) -> bool:
    return found == expected if found is None or expected is None else found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    "file", [OURS, pytest.param(FIELD, marks=pytest.mark.skipif(not FIELD.exists(), reason="n/a"))]
)
def test_the_right_number_or_none(warehouse: Warehouse, file: Path) -> None:
    found = {text: (read(warehouse, text), expected) for text, expected in told(file)}
    wrong = {text: both for text, both in found.items() if not same(*both)}
    assert set(wrong) <= LEFT_UNREAD
    assert all(both[0] is None for both in wrong.values())


@pytest.mark.parametrize(("text", "times"), [
    ("every other day", 0.5), ("EVERY OTHER DAY", 0.5), ("on alternate days", 0.5), ("alternating days", 0.5),
    ("every 2 days", 0.5), ("every second day", 0.5), ("q48h", 0.5), ("Q 48 H", 0.5), ("QOD", 0.5), ("e.o.d.", 0.5),
    ("Q36H", 2 / 3), ("Q72H", 1 / 3), ("q96h", 0.25), ("every 3rd day", 1 / 3), ("every 4 days", 0.25),
    ("once weekly", 1 / 7), ("every week", 1 / 7), ("every 7 days", 1 / 7), ("3X/WEEK", 3 / 7),
    ("3X/WEEK (MO,WE,FR)", 3 / 7), ("1X/WEEK", 1 / 7), ("twice weekly", 2 / 7), ("every other week", 1 / 14),
    ("four times a day", 4), ("QID", 4), ("q6h", 4), ("3 times daily", 3), ("every 8 hours", 3), ("TID", 3),
    ("twice daily", 2), ("two times per day", 2), ("BID with food", 2), ("q12h", 2), ("12-hourly", 2), ("BID", 2),
    ("once daily", 1), ("every day", 1), ("QD", 1), ("DAILY", 1), ("at bedtime", 1), ("every morning", 1), ("HS", 1),
    ("QAM", 1), ("QPM", 1), ("QHS", 1), ("BED", 1), ("AM", 1), ("daily mon-fri", 5 / 7), ("daily M-F", 5 / 7),
    ("once daily Wed and Sat", 2 / 7), ("daily except Sunday", 6 / 7), ("daily, 5 days out of 7", 5 / 7),
    ("daily for 2 weeks", 1), ("twice daily x 2 weeks", 2), ("morning and evening", 2),
    ("as needed", None), ("BID:PRN", None), ("holiday", None), ("bidet", None), ("ONCE", None), ("X1", None),
    ("ASDIR", None), ("daily for 5 days then every other day", None), ("monthly", None), ("every 5 hours", None),
    ("daily 5/7", None), ("daily on Tuesdays", None), ("daily, week on week off", None), ("every 2-3 days", None),
    ("daily on alternate weeks", None), ("daily, skip the 1st of the month", None), ("hold daily", None),
    ("daily STOPPED", None), ("do not take daily", None), ("daily to twice daily", None), ("", None),
])  # fmt: skip
def test_how_often_a_day(text: str, times: float | None) -> None:
    found = READER.read(text)
    assert found.times_a_day == (None if times is None else pytest.approx(times))
    assert not found.is_known, "nothing is said of how much"


@pytest.mark.parametrize(("text", "name"), [
    ("50 mg qod", "QOD"), ("50 mg daily", "QD"), ("50 mg q12h", "BID"), ("50 mg am and pm", "BID"),
    ("50 mg tid", "TID"), ("1-0-1", "BID"), ("1-0-0", "QD"), ("50 mg qid", "QID"),
    ("100 mg daily in 2 divided doses", "BID"),
    ("50/75 mg on alternate days", "QD"), ("50 mg 3 times a week", None), ("50 mg Mon and Thu", None),
    ("25 mg in the morning and 50 mg at night", "BID"), ("50 mg", None), ("1-2 daily", None),
])  # fmt: skip
def test_the_frequency_has_the_contracts_name(text: str, name: str | None) -> None:
    assert READER.read(text).frequency == name


@pytest.mark.parametrize(("text", "days"), [
    ("1 tablet daily for 30 days", 30), ("1 tablet daily x 2 weeks", 14), ("50 mg bid x14d", 14),
    ("30 days supply", 30), ("1 tablet daily, 90 day supply", 90), ("1 tablet daily for 1 month", 30),
    ("50 mg daily for a week", 7),
    ("1-2 tablets daily for 10 days", 10), ("1 tablet as needed for 5 days", 5), ("1 tablet daily", None),
    ("1 tablet daily for 2 weeks then 2 daily", None), ("50 mg daily for 5 days a week", None),
    ("50 mg daily for 2 weeks, then stop", None), ("1 tablet for 7 days and 2 tablets for 7 days", None),
    ("50 mg daily for 7 days, 100 mg daily", None), ("50 mg daily for 0 days", None), ("increase after 14 days", None),
])  # fmt: skip
def test_a_length_is_known_where_it_is_plain(text: str, days: int | None) -> None:
    assert READER.read(text).length_days == days


@pytest.mark.parametrize("text", [
    "50 mg daily prn", "50 mg p.r.n.", "1 tablet if required", "50 mg daily as needed",
    "only when needed 1 tablet daily",
])  # fmt: skip
def test_what_is_taken_as_needed_has_no_dose(text: str) -> None:
    found = READER.read(text)
    assert found.is_as_needed
    assert not found.is_known


def test_a_text_of_one_dose_tells_it_without_a_day() -> None:
    assert READER.read("take 75 mg").dose_mg == 75
    assert READER.read("2 tablets").dose_pieces == 2
    assert not READER.read("take 75 mg").is_known


def test_tablets_that_are_not_the_products_make_no_dose(warehouse: Warehouse) -> None:
    assert read(warehouse, "2 tablets (100 mg total) daily") == 100
    assert read(warehouse, "2 tablets (100 mg total) daily", 25) is None
    assert read(warehouse, "2 tablets (100 mg total) daily", None) == 100
    assert read(warehouse, "2 tablets (100 mg) daily", None) is None, "of 100 mg each, or in all"
    assert read(warehouse, "50 mg, 2 tablets daily", 25) == 50
    assert read(warehouse, "50 mg, 2 tablets daily", 50) == 100
    assert read(warehouse, "2 tablets daily", None) is None
    assert read(warehouse, "2 tablets of 50 mg daily", 50.4) == 100, "1 % apart"
    assert read(warehouse, "2 tablets of 50 mg daily", 50.6) is None


def test_a_text_of_two_drugs_is_not_read(warehouse: Warehouse) -> None:
    assert read(warehouse, "Imuran (azathioprine) 50 mg daily") == 50
    assert read(warehouse, "azathioprine 50 mg daily with prednisone") is None
    assert not READER.read("50 mg daily " + "." * 500).is_known


# --- a meaning in many phrasings ------------------------------------------------------------------

AMOUNTS: dict[Fraction, list[str]] = {
    Fraction(1, 2): ["half a tablet", "1/2 tablet", "½ tab", "one-half tablet", "0.5 tab", "0,5 tablets"],
    Fraction(1): ["1 tablet", "one tablet", "1 (one) tab", "ONE tab", "a tablet", "1 tab (50 mg)", "50 mg",
        "1 x 50 mg"],
    Fraction(3, 2): ["1.5 tabs", "1½ tablets", "one and a half tablets", "1 & 1/2 tabs", "1 + 1/2 tablet", "75 mg"],
    Fraction(2): ["2 tablets", "two tabs", "2 (two) tablets (100 mg total)", "2x50 mg", "two 50 mg tablets", "100 mg"],
    Fraction(3): ["3 tabs", "three tablets of 50 mg", "(3) 50 mg tablets", "150 mg (3 tablets)", "3 tablets (150 mg)"],
}  # fmt: skip
TIMES: dict[Fraction, list[str]] = {
    Fraction(1): ["daily", "once a day", "o.d.", "QD", "every morning", "at bedtime", "nocte", "q24h", "/day",
        "every day"],
    Fraction(2): ["twice daily", "b.i.d.", "2 (two) times daily", "q12h", "2x/day", "x2 daily",
        "in the morning and evening"],
    Fraction(3): ["TDS", "3 times a day", "every 8 hours", "three-times daily", "8 hourly"],
    Fraction(1, 2): ["every other day", "on alternate days", "eod", "every 48 hours", "every second day"],
    Fraction(1, 3): ["every 72 hours", "every third day"],
    Fraction(3, 7): ["3 times a week", "on Mon, Wed and Fri", "three days per week"],
    Fraction(6, 7): ["daily except Sundays", "Monday to Saturday"],
}  # fmt: skip
BEFORE = ["", "take ", "Take ", "SIG: take ", "azathioprine ", "Imuran, take ", "give "]
AMONG = [" ", " by mouth ", " po ", " orally ", ", ", "\n", "\u00a0"]
AFTER = ["", ".", " with food", " for 30 days", " x 2 weeks", ", refills: 3", ". Swallow whole.", " as directed"]
UNEXPLAINED = [
    "or",
    "then",
    "until",
    "if",
    "reduce",
    "max",
    "titrate",
    "xyzzy",
    "not",
    "maybe",
    "99",
    "kg",
    "?",
    "up",
    "-3",
]


def meanings(table: dict[Fraction, list[str]]) -> st.SearchStrategy[tuple[Fraction, str]]:
    return st.sampled_from([(value, text) for value, texts in table.items() for text in texts])


PHRASED = st.tuples(
    st.sampled_from(BEFORE), meanings(AMOUNTS), st.sampled_from(AMONG), meanings(TIMES), st.sampled_from(AFTER)
)


@settings(max_examples=600 if os.environ.get("CI") else 250, deadline=None)
@given(PHRASED, st.booleans())
def test_a_meaning_is_read_back_or_nothing_is(
    warehouse: Warehouse, phrased: tuple[str, tuple[Fraction, str], str, tuple[Fraction, str], str], capitals: bool
) -> None:
    before, (tablets, amount), among, (times, how_often), after = phrased
    text = before + amount + among + how_often + after
    found = read(warehouse, text.upper() if capitals else text)
    assert found is None or found == pytest.approx(float(tablets * times) * TABLET_MG), text


@settings(max_examples=250, deadline=None)
@given(meanings(AMOUNTS), meanings(AMOUNTS), st.sampled_from(["and", "&", ",", "+", ";"]))
def test_doses_at_two_times_add(
    warehouse: Warehouse, morning: tuple[Fraction, str], night: tuple[Fraction, str], joint: str
) -> None:
    text = f"take {morning[1]} in the morning {joint} {night[1]} at night"
    found = read(warehouse, text)
    assert found is None or found == pytest.approx(float(morning[0] + night[0]) * TABLET_MG), text


@settings(max_examples=300, deadline=None)
@given(PHRASED, st.sampled_from(UNEXPLAINED), st.integers(0, 12))
def test_an_unexplained_word_anywhere_makes_the_dose_unknown(
    phrased: tuple[str, tuple[Fraction, str], str, tuple[Fraction, str], str], word: str, place: int
) -> None:
    before, (_, amount), among, (_, how_often), after = phrased
    words = (before + amount + among + how_often + after).split()
    words.insert(place % (len(words) + 1), word)
    assert not READER.read(" ".join(words)).is_known, " ".join(words)


def test_most_phrasings_are_read(warehouse: Warehouse) -> None:
    texts = [
        (f"{before}{amount} {how_often}", tablets * times)
        for before in BEFORE
        for tablets, amounts in AMOUNTS.items()
        for amount in amounts
        for times, ways in TIMES.items()
        for how_often in ways
    ]
    unread = [text for text, _ in texts if not READER.read(text).is_known]
    assert len(unread) < 0.03 * len(texts), unread[:20]


# --- names, and a site's own readings -------------------------------------------------------------


@pytest.mark.parametrize(("name", "mg"), [
    ("azathioprine 50 MG Oral Tablet", 50), ("azathioprine 50 MG Oral Tablet [Imurek] Box of 100", 50),
    ("AZATHIOPRINE 25MG TAB", 25), ("Azathioprin 12,5 mg", 12.5), ("azathioprine 75 milligrams", 75),
    ("azathioprine 25 mg / allopurinol 100 mg", None), ("azathioprine / allopurinol 100 mg", None),
    ("azathioprine 50 mg/5 ml", None), ("azathioprine 10 MG/ML Oral Suspension", None),
    ("azathioprine 50-100 mg", None),
    ("azathioprine 50 mg and allopurinol", None), ("2 x 50 mg", None), ("azathioprine 1.000 mg", None),
    ("azathioprine 100 mg daily", None), ("azathioprine 25 mg, 50 mg", None), ("azathioprine", None), (None, None),
])  # fmt: skip
def test_the_strength_in_a_drugs_name(warehouse: Warehouse, name: str | None, mg: float | None) -> None:
    assert warehouse.rows("SELECT strength_in($1::VARCHAR)", [name]) == [(mg,)]


def readings(tmp_path: Path, text: str) -> Path:
    (tmp_path / own.FILE).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_sites_reading_wins_over_the_grammar(tmp_path: Path) -> None:
    folder = readings(tmp_path, "text,mg_per_day,frequency\n1  Tbl. MORGENS,50,QD\n50 mg daily,62.5,\n")
    rows = own.load([folder])
    ours = {text: Reading(mg_a_day=mg, frequency=name, is_known=True) for text, mg, name in rows.iter_rows()}
    reader = Reader(DRUGS, ours)
    assert (found := reader.read(" 1 tbl. morgens")).mg_a_day == 50
    assert found.frequency == "QD"
    assert reader.read("50 MG  daily").mg_a_day == 62.5
    assert reader.read("50 mg daily.").mg_a_day == 50, "the text is another"


@pytest.mark.parametrize(("text", "said"), [
    ("text,mg\na,1\n", "lacks the column mg_per_day"),
    ("text,mg_per_day\na,1\nb,x\n", "line 3: mg_per_day"),
    ("text,mg_per_day\na,-1\n", "line 2: mg_per_day"),
    ("text,mg_per_day\na,inf\n", "line 2: mg_per_day"),
    ("text,mg_per_day\na,nan\n", "line 2: mg_per_day"),
    ("text,mg_per_day\n,1\n", "line 2: text"),
    ("text,mg_per_day\na,1,2\n", "line 2: has 3 fields, and the header 2"),
    ("text,mg_per_day\na\n", "line 2: has 1 fields, and the header 2"),
    # Between two open quotes the rows would be swallowed.
    ('text,mg_per_day\na "b,1\nc,2\nd "e,3\n', "line 2: a quote is open at its end"),
    ("text,mg_per_day,text\na,1,b\n", "has the column text twice"),
    ("text,mg_per_day\na b,1\nA  B,2\n", "line 3: the text has another reading before"),
    ("text,mg_per_day,frequency\na,1,often\n", "line 2: frequency"),
])  # fmt: skip
def test_what_is_wrong_in_a_sites_readings_is_named_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Usage, match=said):
        own.load([readings(tmp_path, text)])


def test_a_reading_of_nothing_and_one_said_twice_are_readings(tmp_path: Path) -> None:
    rows = own.load([readings(tmp_path, "text,mg_per_day\nnone now,0\na,1\nA,1\n")])
    assert rows.rows() == [("a", 1.0, None), ("none now", 0.0, None)]


# --- what the mappings share ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "ratio"), [(90, 30, 3), (0, 30, None), (90, 0, None), (-1, -1, None), (None, 1, None)]
)
def test_a_quotient_of_nothing_says_nothing(
    warehouse: Warehouse, numerator: float | None, denominator: float, ratio: float | None
) -> None:
    found = warehouse.rows("SELECT positive_ratio($1::DOUBLE, $2::DOUBLE)", [numerator, denominator])
    assert found == [(ratio,)]


def test_what_changes_nothing_is_explained_and_what_is_unknown_is_not() -> None:
    assert READER.read("take with food").is_explained
    assert READER.read("daily").is_explained
    assert not READER.read("take with food").is_known
    assert not READER.read("on hold").is_explained
