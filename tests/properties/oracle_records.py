"""How long an exposure record lasts, and the dose of a day (rules.md 2): plain loops over one patient's records."""

from datetime import date, timedelta

SUPPLY_DAYS = range(1, 401)


def told_last(row: dict) -> date | None:
    """The last dose day that a record tells; None where it is open."""
    if row["end_date"] is not None:
        return row["end_date"]
    if row["days_supply"] in SUPPLY_DAYS:
        return row["start_date"] + timedelta(days=row["days_supply"] - 1)
    return None


def is_alike(one: dict, two: dict) -> bool:
    """The same product and daily dose."""
    return all(one[name] == two[name] for name in ("concept", "product", "daily_dose_mg"))


def never_adds(row: dict) -> bool:
    """Whether the days of a record rest on refills or on an assumption."""
    return row["length_basis"] in ("refills", "assumed")


def lasting(rows: list[dict], observed_to: date) -> list[dict]:
    """The records that began by observed_to, each with `last`, its last dose day, and `told`, that which it tells."""
    known = [row for row in rows if row["start_date"] <= observed_to]
    kept = []
    for row in known:
        told = told_last(row) or date.max
        if never_adds(row):
            for other in known:
                if is_alike(row, other) and row["start_date"] < other["start_date"]:
                    told = min(told, other["start_date"] - timedelta(days=1))
        kept.append({**row, "last": min(told, observed_to), "told": told})
    return kept


def covers(row: dict, day: date) -> bool:
    """Whether a record covers a day."""
    return row["start_date"] <= day <= row["last"]


def are_told_apart(one: dict, two: dict) -> bool:
    """Whether frequencies or routes, told for both and different, say that two records are two orders."""
    return any(
        one[name] is not None and two[name] is not None and one[name] != two[name] for name in ("frequency", "route")
    )


def is_one_order_twice(one: dict, two: dict, slack: float) -> bool:
    """Whether two records may be one order written twice."""
    return (
        one["exposure_id"] != two["exposure_id"]
        and is_alike(one, two)
        and one["start_date"] == two["start_date"]
        and abs((one["last"] - two["last"]).days) <= slack
        and not are_told_apart(one, two)
    )


def counts_once(row: dict, held: dict, slack: float) -> bool:
    """Whether a record adds nothing beside one that began before it: a renewal written early, or days assumed."""
    if not is_alike(row, held) or not covers(held, row["start_date"]):
        return False
    shared = (min(held["last"], row["last"]) - row["start_date"]).days + 1
    return shared <= slack or never_adds(row) or never_adds(held)


def dose_of(rows: list[dict], day: date, slack: float) -> float | None:
    """Sum over the records that cover a day; None where any is unknown, or may be one order written twice."""
    covering = [row for row in rows if covers(row, day)]
    if not covering or any(row["daily_dose_mg"] is None for row in covering):
        return None
    if any(is_one_order_twice(row, other, slack) for row in covering for other in rows):
        return None
    counted: list[dict] = []
    for row in sorted(covering, key=lambda row: (row["start_date"], row["last"])):
        if not any(counts_once(row, held, slack) for held in counted):
            counted.append(row)
    return sum(row["daily_dose_mg"] for row in counted)
