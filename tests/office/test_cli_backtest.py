"""Does `uebergang backtest` say what plans would have brought, and refuse what it can't read?"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from data.sample.history import World, past
from models.backtest import Gap, Policy
from models.doubly_robust import Doubt, Verdict
from office import words
from office.reports import backtest_tables
from tests.office.terminal import run

SMALL = World(seasons=2, people=150, openings=200, each=8)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, made = tmp_path_factory.mktemp("past"), past(6, SMALL)
    made.history.drop(columns="group").to_csv(folder / "history.csv", index=False)
    pairs = pd.concat([one.possible for one in made.seasons])
    pairs.drop(columns="group").to_csv(folder / "pairs.csv", index=False)
    return folder


def test_a_season_is_told_in_both_languages_and_written(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "told.json"
    words.unsaid.clear()
    given = ("backtest", files / "history.csv", files / "pairs.csv")
    answer = run(*given, "--out", out, language="de")
    assert answer.code == 0, answer.all
    assert "der Plan" in answer.out and "Erfundene Daten" in answer.out
    assert "2022: kein Jahrgang davor" in answer.out
    assert words.unsaid == set()
    told = json.loads(out.read_text())
    assert told["invented"] is True and told["left_out"] == {"2022": Gap.NOTHING_BEFORE}
    (season,) = told["seasons"]
    assert season["season"] == "2023" and season["people"] == 150
    assert set(season["policies"]) == {*Policy}
    for one in season["policies"].values():
        assert one["low"] <= one["starts"] <= one["high"]
    gain = season["plan_against"]["lot"]
    plan, lot = season["policies"]["plan"], season["policies"]["lot"]
    assert gain["starts"] == pytest.approx(plan["starts"] - lot["starts"])
    assert bool(gain["doubts"]) == (gain["verdict"] == Verdict.CANNOT_TELL)
    assert run(*given, "--out", out).code == 2
    assert run(*given, "--out", files / "pairs.csv", "--force").code == 2


def test_a_single_season_can_not_be_gone_through(files: Path, tmp_path: Path) -> None:
    history = pd.read_csv(files / "history.csv")
    history[history["season"] == 2023].to_csv(tmp_path / "history.csv", index=False)
    answer = run("backtest", tmp_path / "history.csv", files / "pairs.csv")
    assert answer.code == 2 and "no season before it" in answer.err and not answer.out
    answer = run("backtest", tmp_path / "history.csv", files / "pairs.csv", "--json")
    assert answer.code == 2 and json.loads(answer.out)["together"] is None


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [("openings", -1, "negative"), ("openings", 0.5, "not_whole"), ("openings", None, "missing"),
     ("place", 3, "pair_twice")],
)  # fmt: skip
def test_faulty_pairs_are_refused(
    files: Path, tmp_path: Path, column: str, value: float | None, rule: str
) -> None:
    pairs = pd.read_csv(files / "pairs.csv")
    if rule == "missing":
        pairs = pairs.drop(columns=column)
    elif rule == "pair_twice":
        pairs = pd.concat([pairs, pairs.head(1)])
    else:
        pairs[column] = value
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    answer = run("backtest", files / "history.csv", tmp_path / "pairs.csv", "--json")
    rules = {one["rule"] for one in json.loads(answer.out)["faults"]}
    assert answer.code == 2
    assert rules == {"column_missing" if rule == "missing" else rule}


def test_a_history_without_places_is_refused(files: Path, tmp_path: Path) -> None:
    history = pd.read_csv(files / "history.csv").drop(columns="place")
    history.to_csv(tmp_path / "history.csv", index=False)
    answer = run("backtest", tmp_path / "history.csv", files / "pairs.csv")
    assert answer.code == 2 and "place" in answer.err and "column_missing" in answer.err


def test_everything_has_words() -> None:
    said = (
        (backtest_tables._POLICIES, Policy),
        (backtest_tables._VERDICTS, Verdict),
        (backtest_tables._DOUBTS, Doubt),
        (backtest_tables._GAPS, Gap),
    )
    for table, members in said:
        assert set(table) == set(members)
