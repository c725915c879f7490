"""Ids of subjects and the days by which their dates move: keyed, of one recipient, within what is agreed."""

import hmac
from datetime import date

import polars as pl
import pytest

from flows.errors import Usage
from flows.export.keys import Key
from flows.export.registry import subjects as module
from flows.export.registry.profile import Agreement
from flows.export.registry.subjects import subjects

KEY = Key(bytes(range(32)), "Registry")
SHIFTED = Agreement(shift_days=[-365, -1], ongoing_cut_days=180)
SOURCE = Agreement(subject_ids="source", dates="true")


def persons(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"patient_id": ids, "first_exposure": [date(2020, 1, 1 + n % 28) for n in range(len(ids))]})


def by_id(found: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(zip(found["patient_id"], found[column], strict=True))


def test_ids_are_numbers_that_the_model_holds_and_no_two_are_one() -> None:
    found = subjects(persons(*(f"P{n}" for n in range(2000))), SHIFTED, KEY)
    assert found["subject_id"].n_unique() == 2000
    assert found["subject_id"].min() >= 1
    assert found["subject_id"].max() <= 2**31 - 1


def test_the_same_key_gives_the_same_whatever_the_order_and_who_else_is_there() -> None:
    all_of_them = subjects(persons(*(f"P{n}" for n in range(50))), SHIFTED, KEY)
    backwards = subjects(persons(*(f"P{n}" for n in range(49, -1, -1))), SHIFTED, KEY)
    [alone] = subjects(persons("P7"), SHIFTED, KEY).rows()
    assert sorted(all_of_them.rows()) == sorted(backwards.rows())
    assert alone in all_of_them.rows()


@pytest.mark.parametrize("other", [Key(bytes(range(32)), "Another"), Key(bytes(range(1, 33)), "Registry")])
def test_another_recipient_or_key_has_other_ids_and_other_days(other: Key) -> None:
    ids = persons(*(f"P{n}" for n in range(200)))
    ours, theirs = subjects(ids, SHIFTED, KEY), subjects(ids, SHIFTED, other)
    assert not set(ours["subject_id"]) & set(theirs["subject_id"])
    assert (ours["shift_days"] != theirs["shift_days"]).sum() > 180


def hashed(kind: str, one: str) -> int:
    """The first 8 bytes of HMAC-SHA-256(key, recipient 0x1F kind 0x1F id) as a number."""
    said = f"Registry\x1f{kind}\x1f{one}".encode()
    return int.from_bytes(hmac.digest(bytes(range(32)), said, "sha256")[:8], "big")


def test_ids_and_days_by_value_so_that_a_later_program_gives_the_same() -> None:
    [row] = subjects(persons("P7"), SHIFTED, KEY).rows()
    number = hashed("subject 0", "P7") % (2**31 - 1) + 1
    assert row == ("P7", number, -365 + hashed("shift", "P7") % 365, 1 + hashed("cut", "P7") % 180)


def test_days_lie_from_the_first_to_the_last_agreed_and_reach_both() -> None:
    ids = persons(*(f"P{n}" for n in range(400)))
    found = subjects(ids, Agreement(shift_days=[-3, -1], ongoing_cut_days=2), KEY)
    assert set(found["shift_days"]) == {-3, -2, -1}
    assert set(found["cut_days"]) == {1, 2}
    assert set(subjects(ids, Agreement(shift_days=[5, 5], ongoing_cut_days=0), KEY)["shift_days"]) == {5}
    assert set(subjects(ids, Agreement(shift_days=[5, 5], ongoing_cut_days=0), KEY)["cut_days"]) == {0}


def test_shift_and_cut_do_not_tell_each_other() -> None:
    found = subjects(persons(*(f"P{n}" for n in range(400))), Agreement(shift_days=[1, 9], ongoing_cut_days=9), KEY)
    assert found.select("shift_days", "cut_days").n_unique() > 70


def test_true_dates_do_not_move() -> None:
    found = subjects(persons("P1", "P2"), Agreement(dates="true"), KEY)
    assert found.select("shift_days", "cut_days").rows() == [(0, 0), (0, 0)]
    assert found["subject_id"].min() > 2


def test_a_number_that_is_taken_is_drawn_again_and_the_earlier_person_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 64)
    first = by_id(subjects(persons(*(f"P{n}" for n in range(10))), SHIFTED, KEY), "subject_id")
    both = by_id(subjects(persons(*(f"P{n}" for n in range(28))), SHIFTED, KEY), "subject_id")
    assert len(set(both.values())) == 28
    assert set(both.values()) <= set(range(1, 65))
    assert {one: both[one] for one in first} == first
    drawn_once = {one: module._number(KEY, one, 0) for one in both}
    assert len(set(drawn_once.values())) < 28


def test_ids_of_the_source_are_its_integers() -> None:
    found = subjects(persons("0000021", "-9223372036854775808", "9223372036854775807"), SOURCE, None)
    assert by_id(found, "subject_id") == {
        "0000021": 21,
        "-9223372036854775808": -(2**63),
        "9223372036854775807": 2**63 - 1,
    }
    assert set(found["shift_days"]) | set(found["cut_days"]) == {0}


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (("P1",), "no integers"),
        (("",), "no integers"),
        (("1.0",), "no integers"),
        (("\u0661",), "no integers"),
        (("9223372036854775808",), "no integers"),
        (("7", "007"), "two of them are one integer"),
    ],
)
def test_ids_of_the_source_that_the_model_cannot_hold_are_refused_unseen(ids: tuple[str, ...], said: str) -> None:
    with pytest.raises(Usage, match=said) as raised:
        subjects(persons(*ids), SOURCE, None)
    assert not any(one and one in str(raised.value) for one in ids)


def test_ids_of_the_source_with_moved_dates_are_both() -> None:
    agreed = Agreement(subject_ids="source", shift_days=[-9, -9], ongoing_cut_days=0)
    assert subjects(persons("5"), agreed, KEY).rows() == [("5", 5, -9, 0)]
