"""The sources of evidence by name: what a rule's proofs choose their rows from."""

import polars as pl

from audit.derive.derived import Derived
from audit.derive.proofs import after, before, records
from audit.derive.proofs.rows import of_events, of_results
from audit.derive.restart import workup
from audit.guideline import Guideline


def sources(derived: Derived, guideline: Guideline) -> dict[str, pl.LazyFrame]:
    """Return each source, not yet computed: an episode's rows with the columns of evidence and the source's flags."""
    facts = derived.facts
    return {
        "records": records.at_the_ends(derived),
        "deaths": records.deaths(derived),
        "doses": records.of_doses(derived, guideline),
        "orders_twice": records.orders_twice(derived),
        "anticoagulants": records.anticoagulants(derived),
        "baselines": before.baselines(derived),
        "last_results": of_results(derived.last_results),
        "workup": before.work_up(derived),
        "hepatitis": before.hepatitis(derived),
        "injury": before.injury(derived),
        "entries": of_events(workup.benefit_risk(facts.episodes, facts.events)),
        "decompensation": of_events(workup.decompensation_events(facts.episodes, facts.events)),
        "inrs": before.inrs(derived),
        "bilirubins_near_inrs": before.bilirubins_near_inrs(derived),
        "slots": after.met_slots(derived),
        "gaps": after.gaps(derived),
        "unstable": after.unstable(derived, guideline),
        "new_symptoms": after.new_symptoms(derived),
        "first_draws": after.draws_after_symptoms(derived, "draw_date"),
        "next_draws": after.draws_after_symptoms(derived, "next_draw"),
        "enzymes": after.enzymes(derived),
        "bilirubins": after.bilirubins(derived),
        "symptoms": after.symptoms(derived, guideline),
        "responses": records.responses(derived),
        "lookback": after.lookback(derived, guideline),
        "lookback_symptoms": after.lookback_symptoms(derived, guideline),
    }
