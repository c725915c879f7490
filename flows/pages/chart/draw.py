"""A chart as marks with places: what is drawn, by the page's script or as a static picture, without knowing more.

A mark is a list: `["l", class, x1, y1, x2, y2]` a line, `["r", class, x, y, width, height, title]` a box,
`["t", class, x, y, text]` a text, `["c", class, points]` a line through points, and `["s", class, shape, [x, y, title,
...]]` symbols of one shape (SHAPES).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from audit.rule import counted
from flows.pages.chart.because import because
from flows.pages.chart.rows import Person, Row
from flows.pages.chart.scale import BOTTOM, LEFT, RIGHT, TOP, Scale, scale
from flows.pages.chart.values import deciding, limits, multiple, named, tell
from flows.wording import TIMES, number, shown, words

WIDTH: Final = 960
Mark = list[Any]
SHAPES: Final = MappingProxyType({
    "o": "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
    "s": "M-3.2-3.2h6.4v6.4h-6.4z",
    "t": "M0-4.2L4 3.2H-4z",
    "d": "M0-4.4L4 0L0 4.4L-4 0z",
    "ring": "M-7.5 0a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0",
    "up": "M0-5V-16M-3.5-12L0-16L3.5-12",
    "down": "M0 5V16M-3.5 12L0 16L3.5 12",
    "met": "M-3-.5L-.8 2.2L3.4-3",
    "missed": "M-3-3L3 3M3-3L-3 3",
    "flag": "M0 5V-5L7-2L0 1",
})  # fmt: skip
STYLES: Final = MappingProxyType({"alt": ("alt", "o"), "ast": ("ast", "s"), "bilirubin_total": ("bilirubin", "t")})
OTHER: Final = ("other", "d")
BEFORE = timedelta(days=45)  # shown before the onset
FURTHEST = timedelta(days=365)  # as far as deciding rows reach back before the stop
AFTER = timedelta(days=14)  # shown after what is observed
DOSES, SLOTS, EVENTS = (318, 44), (376, 16), 406  # top and height of the lanes
LETTER = 8  # how wide a letter is, about
LINE = 15


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its title, what it says in a sentence, its height and marks, and the rows that decided."""

    title: str
    says: str
    height: int
    marks: list[Mark]
    because: list[list[str]]

    def packed(self) -> list[Any]:
        """Return it as the script of the page reads it."""
        return [self.title, self.says, self.height, self.marks, self.because]


def drawn(person: Person, symptoms: Mapping[str, str]) -> Chart:
    """Draw the chart of one finding; `symptoms`: the concepts of symptoms with their words."""
    first, last = _span(person)
    labs = [row for row in person.labs if first <= row["date"] <= last and row["x_uln"] and _is_shown(person, row)]
    lines = limits(person.evidence)
    place = scale(first, last, [row["x_uln"] for row in labs] + [one.multiple for one in lines])
    happened, height = _events(person, place, symptoms)
    marks = [
        *_ground(person, place, height),
        *_doses(person, place),
        *_slots(person, place),
        *_limits(lines, place, [(place.x(row["date"]), place.y(row["x_uln"])) for row in labs]),
        *_labs(labs, place),
        *_deciding(person, place),
        *happened,
        *_axes(place, height),
    ]
    finding = person.finding
    title = f"{finding['rule_id']}, patient {person.episode['patient_id']}, restart of {person.episode['restart_date']}"
    message = shown(finding["message"] or "")
    return Chart(shown(title), message, height + 34, marks, because(person, symptoms))


def _span(person: Person) -> tuple[date, date]:
    """Return the first and last day shown: from before the injury to the end of what is observed or still due."""
    episode, status = person.episode, person.status
    stop = episode["stop_date"] or episode["restart_date"]
    onset = episode["onset_date"] or stop
    far = [row["date"] for row in deciding(person.evidence) if row["date"] and row["date"] >= stop - FURTHEST]
    seen = status.get("censor_date") or status.get("observed_to") or episode["restart_date"]
    due = [
        row["window_end"] for row in person.slots if row["status"] == "not_due" and row["window_start"] <= seen + AFTER
    ]
    event = [person.finding["event_date"]] if person.finding["event_date"] else []
    return min([onset, stop, *far]) - BEFORE, max([seen + AFTER, *due, *event, *far, episode["restart_date"] + AFTER])


def _is_shown(person: Person, row: Row) -> bool:
    """Return whether an analyte has a place in the chart: the enzymes and bilirubin, and what the verdict rests on."""
    return row["analyte"] in STYLES or any(row["analyte"] == one["concept"] for one in person.evidence)


def _ground(person: Person, place: Scale, height: int) -> Iterator[Mark]:
    """Yield the break, the lines of the axis, the restart and the day on which the verdict hangs."""
    episode, event = person.episode, person.finding["event_date"]
    restart = place.x(episode["restart_date"])
    if episode["stop_date"]:
        left = place.x(episode["stop_date"])
        yield ["r", "pause", left, TOP, restart - left, height - TOP, ""]
        yield ["t", "m soft", (left + restart) // 2, TOP - 4, f"break, {counted(episode['break_days'] or 0, 'day')}"]
    for one in place.multiples():
        y = place.y(one)
        yield ["l", "one" if one == 1 else "grid", LEFT, y, RIGHT, y]
        yield ["t", "e", LEFT - 6, y + 4, f"{number(one)} {TIMES}"]
    yield ["t", "soft", 4, 14, "multiples of the upper limit of normal (log axis)"]
    yield ["l", "restart", restart, TOP, restart, height]
    if event and event != episode["restart_date"]:
        x = place.x(event)
        yield ["l", "event", x, TOP - 2, x, height]
        yield ["t", "m strong", min(max(x, LEFT + 100), RIGHT - 100), height + 28, f"the verdict hangs on {event}"]


def _labs(labs: Iterable[Row], place: Scale) -> Iterator[Mark]:
    """Yield each analyte: a line through its values, its symbols, and arrows where a value is only a bound."""
    by_analyte: dict[str, list[Row]] = {}
    for row in labs:
        by_analyte.setdefault(row["analyte"], []).append(row)
    x = 330
    for analyte in sorted(by_analyte, key=lambda name: (name not in STYLES, name)):
        rows, (ink, shape) = by_analyte[analyte], STYLES.get(analyte, OTHER)
        points = [(place.x(row["date"]), place.y(row["x_uln"]), row) for row in rows]
        yield ["c", ink, " ".join(f"{x},{y}" for x, y, _ in points)]
        for name, kind in ((f"{ink} solid", None), (f"{ink} bound", "up"), (f"{ink} bound", "down")):
            mine = [(x, y, row) for x, y, row in points if _bound(row) == kind]
            flat = [part for x, y, row in mine for part in (x, y, f"{named(analyte)} {tell(row)}, {row['date']}")]
            if flat:
                yield ["s", name, shape, flat]
            if flat and kind:
                yield ["s", f"{ink} arrow", kind, [part for x, y, _ in mine for part in (x, y, "")]]
        yield ["s", f"{ink} solid", shape, [x, 10, ""]]
        yield ["t", "", x + 10, 14, named(analyte)]
        x += 30 + 7 * len(named(analyte))
    yield ["s", "ring", "ring", [x + 4, 10, ""]]
    yield ["t", "", x + 16, 14, "decided"]
    if any(_bound(row) for rows in by_analyte.values() for row in rows):
        yield ["t", "soft", x + 80, 14, "hollow with an arrow: a bound, told as < or >"]


def _bound(row: Row) -> str | None:
    """Return whether the true value lies above or below the value that is told."""
    return {"<": "down", "<=": "down", ">": "up", ">=": "up"}.get(row["comparator"])


def _limits(lines: Iterable[Any], place: Scale, values: Sequence[tuple[int, int]]) -> Iterator[Mark]:
    """Yield the limits that decided, each with its value where the fewest values are in the way.

    That is above or below its line, at the left or right end; labels that would overlap stand one beyond the other.
    """
    taken: list[tuple[bool, int]] = []
    for line in lines:
        y = place.y(line.multiple)
        ink, _ = STYLES.get(line.concept, OTHER)
        yield ["l", f"{ink} limit", LEFT, y, RIGHT, y]
        wide, rooms = LETTER * len(line.words), []
        for is_right in (False, True):
            for at, step in ((y - 4, 2 - LINE), (y + LINE - 3, LINE - 2)):
                while any(side == is_right and abs(at - other) < LINE - 2 for side, other in taken):
                    at += step
                is_near = [
                    x > RIGHT - wide if is_right else x < LEFT + wide for x, value in values if -LINE < value - at < 4
                ]
                rooms.append((sum(is_near), is_right, at))
        _, is_right, at = min(rooms, key=lambda room: room[0])
        taken.append((is_right, at))
        yield ["t", f"e {ink} halo" if is_right else f"{ink} halo", RIGHT - 4 if is_right else LEFT + 4, at, line.words]


def _deciding(person: Person, place: Scale) -> Iterator[Mark]:
    """Yield rings around the values that decided, and the first of each analyte in words."""
    rows = [row for row in deciding(person.evidence) if row["source_table"] == "lab_results" and row["x_uln"]]
    flat = [part for row in rows for part in (place.x(row["date"]), place.y(row["x_uln"]), "")]
    if flat:
        yield ["s", "ring", "ring", flat]
    told: set[str] = set()
    taken: list[int] = []
    for row in rows:
        if row["concept"] in told:
            continue
        told.add(row["concept"])
        x, y = place.x(row["date"]), place.y(row["x_uln"])
        while any(abs(y - other) < LINE for other in taken):
            y -= LINE
        taken.append(y)
        is_right = x > (LEFT + RIGHT) // 2
        text = f"{named(row['concept'])} {tell(row)}, {multiple(row)}"
        yield ["t", "e strong halo" if is_right else "strong halo", x - 12 if is_right else x + 12, y - 6, text]


def _doses(person: Person, place: Scale) -> Iterator[Mark]:
    """Yield the courses as bands, the doses in them as boxes as high as the dose, and a dose that was the limit."""
    top, tall = DOSES
    yield ["t", "e soft", LEFT - 6, top + 26, "dose"]
    for row in person.courses:
        if row["last_dose_date"] and row["last_dose_date"] >= place.first and row["start_date"] <= place.last:
            left, right = place.x(row["start_date"]), place.x(row["last_dose_date"])
            yield ["r", "course", left, top, max(2, right - left), tall, ""]
    held = [row["limit_value"] for row in person.evidence if row["role"] == "dose_restart" and row["limit_value"]]
    shown_doses = [row for row in person.doses if row["end"] >= place.first and row["start"] <= place.last]
    most = max([1.0, *held, *(row["daily_dose_mg"] or 0.0 for row in shown_doses)])
    free = 0
    labels: list[Mark] = []
    for row in shown_doses:
        left, right = place.x(row["start"]), place.x(row["end"])
        dose = row["daily_dose_mg"]
        high = round((tall - 6) * dose / most) if dose else tall - 6
        said = f"{number(dose)} mg" if dose else "dose unknown"
        days = f"{said} a day, {row['start']} to {row['end']}"
        yield ["r", "dose" if dose else "undosed", left, top + tall - high, max(2, right - left), high, days]
        if right - left > 7 * len(said) and left >= free:
            labels.append(["t", "small", left + 3, top + tall - 4, said])
            free = left + 7 * len(said)
    yield from labels
    for limit in sorted(set(held)):
        y = top + tall - round((tall - 6) * limit / most)
        yield ["l", "strong limit", LEFT, y, RIGHT, y]
        yield ["t", "e strong halo small", RIGHT, y - 3, f"limit {number(limit)} mg a day"]


def _slots(person: Person, place: Scale) -> Iterator[Mark]:
    """Yield the windows of the slots, met, missed or open, those of this rule strong."""
    top, tall = SLOTS
    yield ["t", "e soft", LEFT - 6, top + 12, "slots"]
    signs: dict[str, list[Any]] = {"met": [], "missed": []}
    for row in sorted(person.slots, key=lambda one: one["rule_id"] == person.finding["rule_id"]):
        if row["window_end"] < place.first or row["window_start"] > place.last:
            continue
        left, right = place.x(row["window_start"]), place.x(row["window_end"])
        mine = " mine" if row["rule_id"] == person.finding["rule_id"] else ""
        said = (
            f"{row['rule_id']} slot {row['slot']}, {row['window_start']} to {row['window_end']}: {words(row['status'])}"
        )
        yield ["r", f"slot {row['status']}{mine}", left, top, max(3, right - left - 1), tall, said]
        if row["status"] in signs:
            signs[row["status"]] += [(left + right) // 2, top + tall // 2, ""]
    for status, flat in signs.items():
        if flat:
            yield ["s", f"sign {status}", status, flat]


def _events(person: Person, place: Scale, symptoms: Mapping[str, str]) -> tuple[list[Mark], int]:
    """Return symptoms, signs and other events that the verdict rests on, and where the lanes end."""
    rested = {(row["source_id"], row["concept"]) for row in person.evidence if row["source_table"] == "clinical_events"}
    rows = [
        row
        for row in person.events
        if place.first <= row["date"] <= place.last
        and (row["concept"].removeprefix("symptom_") in symptoms or (row["event_id"], row["concept"]) in rested)
    ]
    marks: list[Mark] = [["t", "e soft", LEFT - 6, EVENTS + 10, "events"]]
    if not rows:
        marks.append(["t", "small soft", LEFT + 4, EVENTS + 10, "no symptom, and nothing else that this rule asks for"])
    free = [LEFT] * 3
    for row in rows:
        x, name = place.x(row["date"]), named(row["concept"], symptoms)
        lane = next((n for n, end in enumerate(free) if x >= end), None)
        is_mine = (row["event_id"], row["concept"]) in rested
        y = EVENTS + LINE * (lane or 0)
        marks.append(["s", "happened mine" if is_mine else "happened", "flag", [x, y + 6, f"{name}, {row['date']}"]])
        if lane is not None:
            room = RIGHT - x < 9 + 7 * len(name)
            marks.append(["t", "e small" if room else "small", x - 4 if room else x + 9, y + 10, name])
            free[lane] = x + 16 + 7 * len(name)
    used = sum(end > LEFT for end in free)
    return marks, EVENTS + LINE * max(1, used) + 4


def _axes(place: Scale, height: int) -> Iterator[Mark]:
    """Yield the axis of days."""
    yield ["l", "axis", LEFT, height, RIGHT, height]
    for day in place.months():
        x = place.x(day)
        yield ["l", "axis", x, height, x, height + 4]
        yield ["t", "m", x, height + 14, f"{day:%Y-%m}"]
    yield ["l", "axis", LEFT, TOP, LEFT, BOTTOM]
