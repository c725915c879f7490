"""The main job on real patients: the MIMIC-IV demo as a native extract, with other drugs audited by files alone."""

from pathlib import Path

import pytest

from flows.night.run import Order, run_audit

ROOT = Path(__file__).parents[2]
EXTRACT = ROOT.parent / "shared" / "data" / "mimic-iv-demo-native"
SITES = ROOT / "docs" / "mimic-iv-demo"
pytestmark = pytest.mark.skipif(not EXTRACT.is_dir(), reason="the MIMIC-IV demo is not on this machine")

BREAKS = {
    "furosemide": {"episode": 9, "new_start": 13, "no_elevation": 19, "short_interruption": 6},
    "acetaminophen": {"episode": 8, "new_start": 31, "no_elevation": 54, "short_interruption": 14},
    "allopurinol": {"episode": 3, "new_start": 6, "no_elevation": 5, "short_interruption": 1},
    "atorvastatin": {"episode": 2, "new_start": 11, "no_elevation": 24, "short_interruption": 2},
}


@pytest.mark.parametrize("drug", BREAKS)
def test_another_drug_is_audited_by_files_alone(drug, tmp_path):
    order = Order(extract=EXTRACT, home=tmp_path, site=SITES / f"{drug}.toml", codelists=(SITES / "codelists",))
    done = run_audit(order)
    assert done.judged is not None
    counts = done.judged.breaks["break_class"].value_counts()
    assert dict(counts.iter_rows()) == BREAKS[drug]
    rejected = done.fed.intake.rejects.group_by("table_name", "reason").len()
    assert set(rejected.iter_rows()) == {
        ("drug_exposures", "end_before_start", 156),
        ("lab_results", "missing_value", 29),
    }
    assert (tmp_path / "current" / "report.html").is_file()
