"""Does `audit-model` say what differs, in both languages, and keep traits from the model?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.sample.history import World, past
from models.declaration import district_declaration
from models.placement import train
from models.saving import model_bytes
from office import words
from office.learning_tables import read_history
from office.trait_columns import apart_from_traits
from tests.office.terminal import run

SMALL = World(seasons=2, people=350, openings=540, each=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, the fair history it was learned from, and one of an unfair past."""
    here = tmp_path_factory.mktemp("audit")
    fair = past(5, SMALL).history
    named = fair.assign(group=np.where(fair["group"] == 1, "01", "<b>"))
    named.to_csv(here / "past.csv", index=False)
    lowered = fair["started"].mask((fair["group"] == 1) & (fair["person"] % 4 > 0), 0.0)
    named.assign(started=lowered).to_csv(here / "unfair.csv", index=False)
    (here / "kept.model").write_bytes(model_bytes(train(fair, district_declaration())))
    return here


def test_a_fair_past_is_passed_in_words(folder: Path) -> None:
    words.unsaid.clear()
    for language, flags in (("en", "No difference is flagged"), ("de", "Kein Unterschied ist")):
        answer = run(
            "audit-model", folder / "kept.model", folder / "past.csv", "--group", "group",
            language=language,
        )  # fmt: skip
        assert answer.code == 0, answer.all
        for part in (flags, "group: 01", "group: <b>", "mark"):
            assert part in answer.out
    assert words.unsaid == set()


def test_an_unfair_past_is_flagged_and_written(folder: Path, tmp_path: Path) -> None:
    given = ("audit-model", folder / "kept.model", folder / "unfair.csv", "--group", "group")
    answer = run(*given, "--out", tmp_path / "audit.json", "--json")
    assert answer.code == 1, answer.all
    told = json.loads(answer.out)
    assert told == json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    flagged = {
        (*gap["labels"], gap["measure"]) for gap in told["gaps"] if gap["verdict"] == "flagged"
    }
    assert ("01", "started_alike") in flagged
    assert [path.name for path in tmp_path.iterdir()] == ["audit.json"]
    again = run(*given, "--out", tmp_path / "audit.json")
    assert again.code == 2


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_trait_that_is_no_column_is_named(folder: Path, language: str) -> None:
    words.unsaid.clear()
    answer = run(
        "audit-model", folder / "kept.model", folder / "past.csv", "--group", "nowhere",
        language=language,
    )  # fmt: skip
    assert answer.code == 2 and "nowhere" in answer.err
    assert words.unsaid == set()


def test_a_trait_is_parted_from_what_the_model_reads(folder: Path) -> None:
    declaration = district_declaration()
    rows = read_history(folder / "past.csv", declaration)
    asked = ["group", "field", "group"]
    seen, traits = apart_from_traits(folder / "past.csv", rows, asked, declaration)
    assert "group" not in seen and "field" in seen
    assert list(traits) == ["group", "field"]
    assert set(traits["group"]) == {"01", "<b>"}
    assert isinstance(seen, pd.DataFrame) and len(seen) == len(traits)
