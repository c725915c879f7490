"""The key of pseudonyms: what is taken for one, and what is made with it."""

import hashlib
import hmac
from pathlib import Path

import pytest

from flows.errors import Usage
from flows.export import keys

GOOD = bytes(range(32))


def written(folder: Path, secret: bytes, mode: int = 0o600) -> Path:
    file = folder / "key"
    file.write_bytes(secret)
    file.chmod(mode)
    return file


def test_a_pseudonym_is_the_first_32_digits_of_the_keyed_hash(tmp_path: Path) -> None:
    key = keys.read(written(tmp_path, GOOD), "Registry A")
    expected = hmac.new(GOOD, b"Registry A\x1fpatient\x1fPN-1", hashlib.sha256).hexdigest()[:32]
    assert key.pseudonym("patient", "PN-1") == expected
    assert key.pseudonyms("patient", ["PN-1", "PN-2"])["PN-1"] == expected
    others = {keys.read(written(tmp_path, GOOD), "Registry B").pseudonym("patient", "PN-1"), key.pseudonym("x", "PN-1")}
    assert expected not in others


def test_the_key_is_the_exact_bytes_of_the_file_and_is_never_printed(tmp_path: Path) -> None:
    key = keys.read(written(tmp_path, GOOD + b"\n"), "R")
    assert key.secret == GOOD + b"\n"
    assert "secret" not in repr(key)
    assert GOOD.hex() not in repr(key)


@pytest.mark.parametrize(
    ("secret", "words"),
    [(bytes(range(31)), "too short"), (b"", "too short"), (bytes(range(15)) * 3, "too weak"), (b"0" * 64, "too weak")],
)
def test_a_short_or_weak_key_is_refused(secret: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match=words):
        keys.read(written(tmp_path, secret), "R")


def test_16_different_bytes_of_32_are_enough(tmp_path: Path) -> None:
    assert keys.read(written(tmp_path, bytes(range(16)) * 2), "R").secret


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601])
def test_a_key_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="others may read"):
        keys.read(written(tmp_path, GOOD, mode), "R")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_its_owners_alone_is_taken(mode: int, tmp_path: Path) -> None:
    assert keys.read(written(tmp_path, GOOD, mode), "R").secret == GOOD


def test_a_key_in_the_environment_is_hex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    with pytest.raises(Usage, match="a key is needed"):
        keys.read(None, "R")
    monkeypatch.setenv(keys.VARIABLE, GOOD.hex())
    assert keys.read(None, "R").secret == GOOD
    monkeypatch.setenv(keys.VARIABLE, "zz" * 32)
    with pytest.raises(Usage, match="is not hexadecimal"):
        keys.read(None, "R")
    with pytest.raises(Usage, match="cannot be read"):
        keys.read(tmp_path / "none", "R")
    with pytest.raises(Usage, match="control character"):
        keys.read(None, "R\x1fpatient")
