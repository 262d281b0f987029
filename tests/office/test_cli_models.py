"""Does the terminal take models in, put one in force, go back, and do without?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.office.learned import learned
from tests.office.terminal import Run, run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model's file, and its card beside it."""
    made = learned()
    (tmp_path / "model.skops").write_bytes(made.content)
    (tmp_path / "model.skops.card.json").write_bytes(made.card)
    return tmp_path / "model.skops"


def ask(kept: str, *words: object, code: int = 0, language: str = "en") -> Run:
    answer = run("models", *words, "--db", kept, language=language)
    assert answer.code == code, answer.all
    return answer


def told(kept: str, *words: object, code: int = 0) -> dict[str, Any]:
    return dict(json.loads(ask(kept, *words, "--json", code=code).out))


def test_from_a_file_into_force_and_back(kept: str, file: Path) -> None:
    assert told(kept, "list") == {"models": [], "in_force": None, "manual": False, "switches": []}
    assert told(kept, "add", file) == {"model": 1}
    assert told(kept, "activate", 1, "--reason", "geprüft") == {"in_force": 1}
    assert told(kept, "manual", "on", "--reason", "Zweifel") == {"manual": True}
    now = told(kept, "list")
    assert (now["in_force"], now["manual"]) == (1, True)
    assert [(one["model"], one["in_force"], one["invented"]) for one in now["models"]] == [
        (1, True, True)
    ]
    assert told(kept, "manual", "off", "--reason", "geklärt") == {"manual": False}
    assert told(kept, "scorecard", "--reason", "zurück") == {"in_force": None}
    now = told(kept, "list")
    said = [(one["to"], one["model"], one["reason"]) for one in now["switches"]]
    assert said == [
        ("scorecard", None, "zurück"),
        ("manual_off", None, "geklärt"),
        ("manual_on", None, "Zweifel"),
        ("model", 1, "geprüft"),
    ]
    assert now["in_force"] is None


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        ("de", ("Modell 1 gibt die Chancen.", "für alle abgeschaltet", "Zweifel", "warum")),
        ("en", ("Model 1 gives the chances.", "off for everybody", "Zweifel", "why")),
    ],
)
def test_the_list_is_said(kept: str, file: Path, language: str, phrases: tuple[str, ...]) -> None:
    nothing = ask(kept, "list", language=language).out
    assert ("Punktetabelle" if language == "de" else "scorecard") in nothing
    ask(kept, "add", file)
    ask(kept, "activate", 1, "--reason", "[red]geprüft")
    ask(kept, "manual", "on", "--reason", "Zweifel", language=language)
    said = ask(kept, "list", language=language).out
    assert [phrase for phrase in (*phrases, "[red]geprüft") if phrase not in said] == []


def test_what_is_no_model_is_refused_in_words(kept: str, file: Path, tmp_path: Path) -> None:
    """Exit code 2, a reason, and nothing in the store."""
    changed = tmp_path / "changed.skops"
    changed.write_bytes(file.read_bytes()[:-1] + b"x")
    foreign = tmp_path / "foreign.json"
    foreign.write_text("{}", "utf-8")
    for words in (
        ("add", changed, "--card", f"{file}.card.json"),
        ("add", file, "--card", foreign),
        ("add", file, "--card", tmp_path / "none.json"),
        ("add", tmp_path / "none.skops"),
        ("activate", 7, "--reason", "weil"),
        ("manual", "on", "--reason", " "),
    ):
        answer = ask(kept, *words, code=2, language="de")
        assert "Traceback" not in answer.all and len(answer.all) > 40
    assert told(kept, "list")["models"] == told(kept, "list")["switches"] == []


def test_without_chances_no_plan_is_drawn_and_that_is_said(kept: str) -> None:
    ask(kept, "manual", "on", "--reason", "Zweifel")
    answer = run("plan", "--season", "2026/27", "--db", kept, language="de")
    assert answer.code == 2 and "Chancen sind abgeschaltet" in answer.all
