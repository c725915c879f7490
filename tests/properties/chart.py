"""Builders of staged rows as plain dicts, and a patient's compact timeline for a failed comparison."""

from dataclasses import dataclass, field
from datetime import date, timedelta

EPOCH = date(2021, 1, 1)
UNITS = {"bilirubin_total": "mg/dL", "inr": "1", "body_weight": "kg", "wbc": "10*9/L", "anc": "10*9/L"}


def on(day: int) -> date:
    """Return the calendar date of a day number; day 0 is the first exposure in most charts."""
    return EPOCH + timedelta(days=day)


@dataclass
class Chart:
    """One patient's rows, in the staged columns; days are numbers counted from EPOCH."""

    patient: dict
    labs: list[dict] = field(default_factory=list)
    exposures: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    stays: list[dict] = field(default_factory=list)
    restart: int = 0

    @property
    def patient_id(self) -> str:
        return self.patient["patient_id"]

    def lab(self, day: int, concept: str, value: float | None, uln: float | None = None, comparator: str | None = None):
        """Add a result."""
        self.labs.append(
            {
                "result_id": f"{self.patient_id}-L{len(self.labs):03d}",
                "patient_id": self.patient_id,
                "date": on(day),
                "concept": concept,
                "value": value,
                "comparator": comparator,
                "uln": uln,
                "uln_source": None if uln is None else "printed",
                "unit": UNITS.get(concept, "U/L"),
                "status": "final",
            }
        )

    def take(self, first: int, last: int | None, dose: float | None = 100.0, drug: str = "azathioprine", **columns):
        """Add an exposure record; further columns by name."""
        row = {
            "exposure_id": f"{self.patient_id}-X{len(self.exposures):02d}",
            "patient_id": self.patient_id,
            "concept": drug,
            "product": f"concept:{drug}",
            "start_date": on(first),
            "end_date": None if last is None else on(last),
            "days_supply": None,
            "daily_dose_mg": dose,
            "frequency": "QD",
            "end_type": "explicit",
            "stop_reason": None,
            "route": None,
            "length_basis": None,
        }
        self.exposures.append(row | columns)

    def event(self, day: int, concept: str):
        """Add a clinical event."""
        event_id = f"{self.patient_id}-E{len(self.events):02d}"
        self.events.append({"event_id": event_id, "patient_id": self.patient_id, "date": on(day), "concept": concept})

    def stay(self, first: int, last: int | None):
        """Add an inpatient stay."""
        self.stays.append(
            {
                "stay_id": f"{self.patient_id}-S{len(self.stays)}",
                "patient_id": self.patient_id,
                "admitted_on": on(first),
                "discharged_on": None if last is None else on(last),
            }
        )


def new_chart(patient_id: str = "P1", start: int = -400, end: int | None = None, death: int | None = None) -> Chart:
    """A patient without any rows yet."""
    return Chart(
        {
            "patient_id": patient_id,
            "sex": "F",
            "birth_year": 1970,
            "site_id": "north",
            "observation_start": on(start),
            "observation_end": None if end is None else on(end),
            "death_date": None if death is None else on(death),
        }
    )


def timeline(chart: Chart) -> str:
    """One line a fact, by day number: what a failed comparison prints."""
    facts = [
        (day, f"{name.upper()} {chart.patient[name]}")
        for name in ("observation_start", "observation_end", "death_date")
        if (day := number(chart.patient[name])) is not None
    ]
    for row in chart.exposures:
        names = ("daily_dose_mg", "product", "days_supply", "frequency", "end_type", "stop_reason")
        names += ("route", "length_basis")
        shown = {name: row[name] for name in names}
        facts.append((number(row["start_date"]), f"take {row['concept']} to {number(row['end_date'])} {shown}"))
    for row in chart.labs:
        ratio = f" = {row['value'] / row['uln']:.6g} x {row['uln']:g}" if row["uln"] and row["value"] else ""
        facts.append((number(row["date"]), f"{row['concept']} {row['comparator'] or ''}{row['value']}{ratio}"))
    facts += [(number(row["date"]), f"event {row['concept']}") for row in chart.events]
    facts += [(number(row["admitted_on"]), f"stay to {number(row['discharged_on'])}") for row in chart.stays]
    lines = [f"  day {day:>5}  {text}" for day, text in sorted(facts, key=lambda fact: fact[0])]
    return "\n".join([f"patient {chart.patient_id}, day 0 is {EPOCH}", *lines])


def number(day: date | None) -> int | None:
    """Return the day number of a date."""
    return None if day is None else (day - EPOCH).days
