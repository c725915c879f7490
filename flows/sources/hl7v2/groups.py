"""The structure of a result message: patients, their orders, and the results of each, in flat rows.

ORU_R01 is (PID ([ORC] OBR (OBX | SPM)*)*)*; PID, OBR and SPM say of the results beside them whose, when and of what.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.sources.hl7v2.rows import ORDER, PERSON, RESULT, SPECIES, STRUCTURED, Row, Unescape, raw, said, text

MEDICAL_RECORD, INTERNAL = "MR", "PI"  # HL7 table 0203
NOTHING: Sequence[Any] = ()


@dataclass(slots=True)
class Order:
    """An order with its results; a result may come before or after the specimen of its order."""

    orc: Any = NOTHING
    obr: Any = NOTHING
    specimens: list[Any] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)

    def rows(self, unescape: Unescape) -> Iterator[Row]:
        """Yield a row a result, without the patient."""
        if not self.results:
            return
        of_order = said(self.obr, ORDER, unescape)
        of_orc = said(self.orc, ORDER[:2], unescape)
        of_order |= {name: of_order[name] or number for name, number in of_orc.items()}
        of_order["specimen_time"] = self._specimen_time(unescape)
        for result in self.results:
            yield of_order | _result(result, unescape)

    def _specimen_time(self, unescape: Unescape) -> str | None:
        """Return when the specimen was taken; of several specimens nobody can tell which."""
        times = {text(raw(specimen, 17, 1), unescape) for specimen in self.specimens}
        return times.pop() if len(times) == 1 else None


@dataclass(slots=True)
class Patient:
    """A patient of a message with their orders."""

    pid: Any
    orders: list[Order] = field(default_factory=list)

    def person(self, unescape: Unescape) -> Row:
        """Return who it is; an explicit null of PID stays, for it takes a death back."""
        chosen = _chosen_id(self.pid, unescape)
        identity = {
            "patient_id": text(raw(self.pid, 3, 1, chosen), unescape),
            "patient_authority": text(raw(self.pid, 3, 4, chosen), unescape),
            "patient_id_type": text(raw(self.pid, 3, 5, chosen), unescape),
        }
        known = {name: raw(self.pid, number, component).strip() or None for name, number, component in PERSON}
        return identity | known | said(self.pid, SPECIES, unescape)

    def rows(self, unescape: Unescape) -> Iterator[Row]:
        """Yield a row a result of this patient."""
        for order in self.orders:
            yield from order.rows(unescape)


def patients(segments: Sequence[Any]) -> list[Patient]:
    """Return the patients of a message; none where an order or a result comes before any."""
    found: list[Patient] = []
    for segment in segments:
        kind = str(segment[0])
        if kind == "PID":
            found.append(Patient(segment))
        elif kind in ("ORC", "OBR", "OBX", "SPM"):
            if not found:
                return []
            _add(found[-1].orders, kind, segment)
    return found


def _add(orders: list[Order], kind: str, segment: Any) -> None:
    """Add a segment to the current order; ORC and OBR begin the next one."""
    if kind == "ORC" or not orders or (kind == "OBR" and (orders[-1].obr or orders[-1].results)):
        orders.append(Order())
    if kind == "ORC":
        orders[-1].orc = segment
    elif kind == "OBR":
        orders[-1].obr = segment
    elif kind == "OBX":
        orders[-1].results.append(segment)
    else:
        orders[-1].specimens.append(segment)


def _result(segment: Any, unescape: Unescape) -> Row:
    row = said(segment, RESULT, unescape)
    count = len(segment[5]) if len(segment) > 5 else 0
    is_structured = count == 1 and (row["value_type"] or "").upper() == "SN"
    row["value_count"] = str(count)
    row |= said(segment if is_structured else NOTHING, STRUCTURED, unescape)
    return row


def _chosen_id(pid: Any, unescape: Unescape) -> int:
    """Return which repetition of PID-3 is the patient's id: the first medical record number, internal id, or any.

    One without an id, or with a null one, is none.
    """
    count = len(pid[3]) if len(pid) > 3 else 0
    types = {place: raw(pid, 3, 5, place).strip() for place in range(count) if text(raw(pid, 3, 1, place), unescape)}
    for kind in (MEDICAL_RECORD, INTERNAL):
        if of_kind := [place for place, one in types.items() if one == kind]:
            return of_kind[0]
    return min(types, default=0)
