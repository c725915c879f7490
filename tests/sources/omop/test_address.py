"""Addresses of databases: what is asked of the server, what may be shown, and that no password stands in one."""

import pytest

from flows.errors import Usage
from flows.given import Given
from flows.sources.databases.postgres import Address, is_address


@pytest.mark.parametrize(
    ("location", "uri", "schemas", "shown"),
    [
        ("postgresql://u@h:5433/db?schema=cdm", "postgresql://u@h:5433/db", ("cdm",), "postgresql://h:5433/db"),
        ("postgres://h/db?schema=a,%20b", "postgres://h/db", ("a", "b"), "postgresql://h/db"),
        (
            "postgresql://u@h/db?sslmode=require&schema=cdm&connect_timeout=5",
            "postgresql://u@h/db?sslmode=require&connect_timeout=5",
            ("cdm",),
            "postgresql://h/db",
        ),
        ("postgresql:///db", "postgresql:///db", (), "postgresql:///db"),
        ("postgresql://h/db?options=-c%20x&schema=", "postgresql://h/db?options=-c%20x", (), "postgresql://h/db"),
    ],
)
def test_an_address_is_taken_apart(location: str, uri: str, schemas: tuple[str, ...], shown: str) -> None:
    assert is_address(location)
    assert Address.of(location) == Address(uri, schemas, shown)


def test_an_address_that_is_none() -> None:
    with pytest.raises(Usage, match="must look like postgresql://USER@HOST:PORT/DATABASE"):
        Address.of("postgresql://u@h:port/db")
    assert not is_address("/srv/postgresql")
    assert not is_address("mysql://h/db")


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://u:secret@h/db",
        "postgresql://u:se/cret@h/db",
        "postgresql://u:@h/db",
        "postgresql://h/db?password=secret",
        "postgresql://h/db?schema=cdm&password=secret",
        "postgresql://h/db?sslpassword=secret",
        "postgresql://h/db?PASSWORD=secret",
    ],
)
def test_a_password_in_an_address_is_a_wrong_call_whatever_the_kind(location: str) -> None:
    for kind in ("omop", "table"):
        with pytest.raises(Usage) as caught:
            Given(kind, location)
        assert str(caught.value) == "no password in an address: give it by PGPASSWORD, PGPASSFILE or ~/.pgpass"


@pytest.mark.parametrize(
    "location",
    ["postgresql://u@h:5432/db", "postgresql://[::1]:5432/db", "postgresql://h/db?passfile=/etc/pass", "/srv/a:b@c"],
)
def test_an_address_without_a_password_is_right(location: str) -> None:
    assert Given("omop", location).location == location
