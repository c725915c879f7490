"""One patient in the making: the days that all else hangs on, and what was taken."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from .chart import new_chart, on
from .lengths import DOUBTFUL

BILIRUBIN_ULN = 1.2
UKAT_ULNS = (0.57 * 60, 0.33 * 60, 0.65 * 60)  # as they come from ukat/L: not exact in binary
SYMPTOMS = ("symptom_fatigue", "symptom_nausea", "symptom_ruq_pain", "symptom_jaundice")
CUTS = (0, 1, 3, 7, 10, 11, 17, 20, 59, 60, 61, 66, 79, 89, 90, 91, 93, 119, 120, 130, 140, 160, 190, 191, 281, 291)


class Sketch:
    """One patient in the making: the days that everything else hangs on, and a short way to draw."""

    def __init__(self, draw: Any, patient_id: str) -> None:
        self.draw = draw
        self.stop = self.pick(100, 100, 40, 20, 200)
        self.gap = self.pick(14, 14, 15, 20, 20, 25, 30, 60, 120, 365, 13, 366)
        self.restart = self.stop + self.gap
        self.length = self.pick(200, 90, 65, 60, 40, 20, 5, 1, 95, 121, 191, 300, 420, 700)
        self.end = self.restart + self.length - 1
        self.is_open = self.rarely(3)
        self.ulns = self.pick((40.0,), (40.0, 33.0), (50.0, 40.0), (19.8, 55.5), (100.0, 120.0), UKAT_ULNS)
        self.liver = False
        self.marks: list[int] = []
        self.closes: int | None = None
        self.base = {"alt": self.ulns[0], "ast": self.ulns[0], "bilirubin_total": BILIRUBIN_ULN}
        start = self.pick(-400, -400, -400, -90, -89, -91)
        self.chart = new_chart(patient_id, start)
        self.chart.restart = self.restart
        self.chart.patient["site_id"] = self.pick("north", "south", None)

    @property
    def most(self) -> float:
        """The largest ULN that this patient's laboratories print."""
        return max(self.ulns)

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def rarely(self, one_in: int) -> bool:
        return self.pick(*range(one_in)) == one_in - 1

    def some(self, most: int, *options: Any) -> list[Any]:
        return self.draw(st.lists(st.sampled_from(options), max_size=most))

    def edge(self) -> int:
        """A day at which something ends, starts or is decided."""
        steps = (-3, 0, 1, 2, 6, 7, 8, 13, 14, 29, 30, 31)
        if self.marks and self.rarely(2):
            return self.pick(*self.marks) + self.pick(*steps)
        return self.pick(*(self.restart + cut for cut in CUTS), *(self.end + step for step in (*steps, 60)))

    def close(self) -> None:
        """Let observation end, or the patient die, at such a day; a death now and then that rows contradict."""
        for name, one_in in (("observation_end", 5), ("death_date", 8)):
            self.chart.patient[name] = on(self.edge()) if self.rarely(one_in) else None
        if self.closes is not None:
            self.chart.patient["observation_end"] = on(self.closes)
        if self.rarely(5):
            self.die()

    def die(self) -> None:
        """A death at the edge of the slack before a draw or a start, or of what is plausible."""
        patient = self.chart.patient
        seen = [row["date"] for row in self.chart.labs] + [row["start_date"] for row in self.chart.exposures]
        last = self.pick(max(seen), max(seen), *sorted(set(seen))[-4:])
        patient["death_date"] = last - timedelta(days=self.pick(0, 59, 60, 60, 61, 61, 62))
        year = patient["death_date"].year
        patient["birth_year"] = self.pick(1970, 1970, None, year, year + 1)
        if self.rarely(3):
            patient["observation_start"] = patient["death_date"] + timedelta(days=self.pick(-1, 0, 1))

    def go_on(self) -> None:
        """Keep the restart course going, for what is only seen after years."""
        self.is_open, self.length = True, 900
        self.end = self.restart + self.length - 1

    def value(self, analyte: str, uln: float, *multiples: float) -> float:
        """A value at, one step below or above a multiple of ULN or of the intended baseline."""
        reference = self.pick(uln, uln, self.base[analyte])
        value = self.pick(*multiples) * reference + self.pick(0.0, 0.0, -0.01, 0.01)
        return max(round(value / 60, 3) * 60 if uln in UKAT_ULNS else value, 0.05)

    def enzyme(self, day: int, *multiples: float, analyte: str = "") -> None:
        """Add an ALT or AST result."""
        concept, uln = analyte or self.pick("alt", "alt", "ast"), self.pick(*self.ulns)
        self.chart.lab(day, concept, self.value(concept, uln, *multiples), uln)

    def bilirubin(self, day: int, *multiples: float) -> None:
        """Add a total bilirubin."""
        value = self.value("bilirubin_total", BILIRUBIN_ULN, *multiples)
        self.chart.lab(day, "bilirubin_total", value, BILIRUBIN_ULN)


# --- what was taken -----------------------------------------------------------------------------------


def take_course(sketch: Sketch, first: int, last: int | None, dose: float | None, closing: dict) -> None:
    """Cover first..last in one of the ways that records come in; `closing` describes the last record."""
    chart, until = sketch.chart, last if last is not None else first + 400
    frequency = sketch.pick("QD", "QD", "QOD", None)
    plain = {"frequency": frequency, "end_type": "supply"}
    closing = plain | closing
    if until - first >= 40 and sketch.rarely(4):
        sketch.pick(*DOUBTFUL)(sketch, first, last, dose, plain, closing)
        return
    middle = first + (until - first) // 2
    style = sketch.pick(
        "one", "one", "one", "two parts", "dose cut", "gap", "renewal", "tablets", "supply", "pair", "late", "early"
    )
    if style == "one" or until - first < 40:
        chart.take(first, last, dose, **closing)
    elif style == "two parts":
        chart.take(first, middle, dose, **plain)
        chart.take(middle + 1, last, dose, **closing)
    elif style == "dose cut":
        cut = until - sketch.pick(5, 20, 30)
        chart.take(first, cut, dose, **plain)
        chart.take(cut + 1, last, sketch.pick(25.0, None, 50.0), **closing)
    elif style == "gap":
        chart.take(first, middle, dose, **plain)
        chart.take(middle + 1 + sketch.pick(1, 5, 6, 7, 8, 12, 13), last, dose, **closing)
    elif style == "renewal":
        chart.take(first, middle, dose, **plain)
        chart.take(middle + 1 - sketch.pick(1, 5, 6, 13, 14, 15), last, dose, **closing)
    elif style == "late":
        chart.take(first, until, dose, **plain)
        chart.take(until + 1 - sketch.pick(13, 14, 15), last, dose, **closing)
    elif style == "early":
        chart.take(first, first + sketch.pick(12, 13, 14), dose, **plain)
        chart.take(first, last, dose, **closing)
    elif style == "tablets":
        chart.take(first, until, dose, **plain)
        chart.take(first + sketch.pick(0, 1, 10), last, dose, **closing | {"product": sketch.pick("b", "b", "c")})
    elif style == "supply":
        chart.take(first, None, dose, **closing | {"days_supply": until - first + 1})
    else:
        chart.take(first, last, dose, **plain | {"stop_reason": sketch.pick(None, "patient_choice")})
        chart.take(middle, last, 25.0, **closing | {"product": "b"})


def take_drugs(sketch: Sketch) -> None:
    """The course that harmed, the restart, and now and then one more."""
    dose = sketch.pick(100.0, 100.0, 150.0, 75.0, None)
    liver = sketch.pick("hepatotoxicity", "abnormal_lft", None, None, "patient_choice")
    end_type = sketch.pick(
        "explicit", "explicit", "explicit", None, "supply", "discharge" if sketch.rarely(4) else None
    )
    basis = sketch.pick("assumed", "assumed", "refills") if sketch.rarely(8) else None
    take_course(sketch, 0, sketch.stop - 1, dose, {"end_type": end_type, "stop_reason": liver, "length_basis": basis})
    lower = sketch.pick(0.5, 0.5, 0.99, 0.98, 1.0, 0.75)
    again = None if dose is None or sketch.rarely(12) else dose * lower
    closing = {
        "end_type": sketch.pick("explicit", "explicit", "explicit", "supply", None, "discharge"),
        "stop_reason": sketch.pick(None, None, "hepatotoxicity", "abnormal_lft", "patient_choice"),
    }
    if sketch.is_open:
        take_course(sketch, sketch.restart, None, again, {"end_type": "ongoing"})
        return
    take_course(sketch, sketch.restart, sketch.end, again, closing)
    if sketch.rarely(4):
        first = sketch.end + 1 + sketch.pick(14, 14, 20, 30, 7, 13, 366)
        take_course(sketch, first, sketch.pick(None, first + 30), again, {"end_type": "explicit"})


def take_others(sketch: Sketch) -> None:
    """Other thiopurines, anticoagulants and corticosteroids at the edges that matter."""
    stop, restart, end = sketch.stop, sketch.restart, sketch.end
    for span in sketch.some(1, (-91, -91), (-120, -90), (stop, restart - 1), (restart - 1, restart), (0, stop + 3)):
        sketch.chart.take(*span, 50.0, drug=sketch.pick("mercaptopurine", "tioguanine"))
    if sketch.rarely(6):
        first = sketch.pick(restart - 1, restart, end, end + 1, end + 60)
        sketch.chart.take(first, first + sketch.pick(0, 1, 100), 50.0, drug="mercaptopurine")
    for span in sketch.some(
        1, (-30, restart - 1), (restart - 9, restart), (restart + 29, restart + 60), (restart + 30, None)
    ):
        sketch.chart.take(*span, 5.0, drug="corticosteroid_systemic")
