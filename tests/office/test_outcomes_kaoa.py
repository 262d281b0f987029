"""Does SVWS-NRW's answer `kaoa` reach the store through the command, of known pupils only?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.data.pupil_files import as_csv
from tests.office.terminal import Run, run

SCHOOL = "999001"
PEOPLE = [
    ["Interne ID-Nummer", "Nachname", "Vorname", "Geburtsdatum", "Postleitzahl"],
    ["7", "Erfunden", "Elif", "31.12.2010", "33330"],
    ["8", "Erdacht", "Emil", "01.05.2011", "33330"],
]


def entry(option: int | None, feature: int = 69) -> dict[str, object]:
    return {"id": 1, "idMerkmal": feature, "idAnschlussoption": option, "bemerkung": "geheim"}


def test_outcomes_from_an_answer_kaoa(tmp_path: Path) -> None:
    """Two outcomes come in, a plan, an entry of nobody and one of a stranger wait."""
    db = str(tmp_path / "store.sqlite")
    people, answer = tmp_path / "people.csv", tmp_path / "kaoa.json"
    people.write_bytes(as_csv(PEOPLE))
    pupils = [
        {"id": 7, "kaoa": [entry(30), entry(None, 35), entry(30, 68)]},
        {"id": 8, "kaoa": [entry(44)]},
        {"id": 9, "kaoa": [entry(36)]},
    ]
    answer.write_text(json.dumps({"schueler": pupils, "kaoa": [entry(36)]}))

    def told(*words: object) -> dict[str, Any]:
        answered: Run = run(*words, "--db", db, "--json")
        assert answered.code == 0, answered.all
        return dict(json.loads(answered.out))

    told("import", people, "--school", SCHOOL)
    first = told("outcomes", "import", answer, "--school", SCHOOL)
    assert [first[name] for name in ("rows", "stored", "quarantined")] == [5, 2, 3]
    assert "bemerkung" in first["dropped_columns"]
    assert sorted(fault["rule"] for fault in first["faults"]) == [
        "outcome_planned", "seeker_unknown", "value_missing"
    ]  # fmt: skip
    again = told("outcomes", "import", answer, "--school", SCHOOL)
    assert again["stored"] == 0
    waiting = told("quarantine", "list", "--kind", "outcomes")["rows"]
    assert len(waiting) == 3
    (nobody,) = (one for one in waiting if one["faults"][0]["rule"] == "value_missing")
    assert told("quarantine", "fix", nobody["id"], "number=8")["fixed"]
    refused = run("import", answer, "--school", SCHOOL, "--db", db)
    assert refused.code == 2
    assert "outcomes import" in refused.err
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite*"))
    assert b"geheim" not in kept
    assert b"BBW" not in kept
