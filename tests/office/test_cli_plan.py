"""Is a district's plan what its readers need, in both languages, and the same each time?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from matching.rules import Refusal
from office.reports.plan_folder import OF_DISTRICT
from office.words import unsaid
from tests.office.conftest import SAMPLE, given
from tests.office.terminal import Run, run, verify
from tests.office.test_cli_solve import assert_result

OF_PLAN = ("rates", "without_proposal", "openings_left_empty")
HEADINGS = {
    "plan.csv": ["seeker", "place", "chance"],
    "prices_seekers.csv": ["seeker", "price"],
    "prices_places.csv": ["place", "price"],
    "pairs.csv": ["seeker", "place", "chance", "wish"],
    "places.csv": ["place", "openings"],
    "without_proposal.csv": [
        *("seeker", "reason", "rule", "places_refused", "nearest_place", "missing"),
    ],
    "left_empty.csv": ["place", "openings", "reason"],
}


def told(folder: Path) -> dict[str, object]:
    result: dict[str, object] = json.loads((folder / "result.json").read_text())
    return result


def checked(folder: Path, language: str = "en") -> Run:
    return verify(folder, "--prices", folder, of=".", language=language)


def test_the_bundled_district(sample_run: tuple[Path, Run]) -> None:
    folder, answer = sample_run
    assert answer.code == 0
    assert "Everybody and every firm here is invented." in answer.out
    assert "The target holds" in answer.out and "OpenStreetMap" in answer.out
    assert sorted(path.name for path in folder.iterdir()) == sorted(OF_DISTRICT)
    for name, headings in HEADINGS.items():
        assert pd.read_csv(folder / name, nrows=1).columns.to_list() == headings
    result = told(folder)
    assert (result["invented"], result["verified"]) == (True, True)
    assert isinstance(result["rates"], dict)
    assert list(result["rates"]) == ["district", "entered", "interested", "strict"]


def test_the_keys_of_a_result(sample_run: tuple[Path, Run]) -> None:
    """The same contract as that of `solve`, and the names of what was not read."""
    folder, answer = sample_run
    result = told(folder)
    assert_result(result, True, *OF_PLAN)
    dropped = result["dropped_columns"]
    assert isinstance(dropped, dict) and {"seekers", "places"} == set(dropped)
    assert result["files"] == list(OF_DISTRICT)
    assert "all the room went to wishes" in answer.out


def test_the_figures_of_the_files_agree(sample_run: tuple[Path, Run]) -> None:
    """Counted anew with pandas: places, people, openings and both ends of the plan."""
    folder, _ = sample_run
    result = told(folder)
    plan, pairs = pd.read_csv(folder / "plan.csv"), pd.read_csv(folder / "pairs.csv")
    places = pd.read_csv(folder / "places.csv")
    empty = pd.read_csv(folder / "left_empty.csv")
    people = pd.read_csv(folder / "prices_seekers.csv")
    joined = plan.merge(pairs, on=["seeker", "place"], suffixes=("", "_given"))
    assert len(joined) == len(plan) == result["placed"]
    assert (joined["chance"] == joined["chance_given"]).all()
    assert result["expected"] == pytest.approx(plan["chance"].sum())
    assert result["wishes"] == pytest.approx(joined["wish"].sum())
    assert (len(people), places["openings"].sum()) == (result["seekers"], result["openings"])
    left = places["openings"].sum() - len(plan)
    assert empty["openings"].sum() == left == result["openings_left_empty"]
    assert len(pd.read_csv(folder / "without_proposal.csv")) == result["without_proposal"]


def test_the_plan_holds_and_the_advice_to_check_it_can_be_followed(
    sample_run: tuple[Path, Run],
) -> None:
    """The command that the summary shows stands on one line and is a right one."""
    folder, answer = sample_run
    (shown,) = re.findall(r"^  uebergang (verify .*)$", answer.out, re.MULTILINE)
    found = run(*shown.split())
    assert found.code == 0 and "Every rule holds." in found.out
    assert str(folder) in shown


def test_the_same_plan_each_time_and_from_demo(
    sample_run: tuple[Path, Run], tmp_path: Path
) -> None:
    """`demo` is `plan` of the bundled files: the same bytes but for the seconds it took."""
    folder, _ = sample_run
    assert run("demo", "--out", tmp_path / "demo").code == 0
    for name in OF_DISTRICT:
        if name != "result.json":
            assert (tmp_path / "demo" / name).read_bytes() == (folder / name).read_bytes()
    again, before = told(tmp_path / "demo"), told(folder)
    assert {**again, "seconds": None} == {**before, "seconds": None}


def test_pins_and_bans_of_a_district_in_german(
    sample_run: tuple[Path, Run], tmp_path: Path
) -> None:
    """One person is kept off the place of the first plan, one put where they did not go.

    A third, for whom no place is allowed, is banned from one all the same: the ban means nothing,
    and harms neither plan nor recount.
    """
    folder, _ = sample_run
    plan, pairs = pd.read_csv(folder / "plan.csv"), pd.read_csv(folder / "pairs.csv")
    banned = plan.iloc[0]
    elsewhere = pairs[pairs["seeker"] == plan.iloc[1]["seeker"]]
    pinned = elsewhere[elsewhere["place"] != plan.iloc[1]["place"]].iloc[0]
    alone = pd.read_csv(folder / "without_proposal.csv").query("reason == 'no_place_allowed'")
    rulings = [
        (banned["seeker"], banned["place"], "ban"),
        (pinned["seeker"], pinned["place"], "pin"),
        (alone.iloc[0]["seeker"], banned["place"], "ban"),
    ]
    pins = tmp_path / "pins.csv"
    pd.DataFrame(rulings, columns=["seeker", "place", "bond"]).to_csv(pins, index=False)
    unsaid.clear()
    answer = run(*given(), "--pins", pins, "--out", tmp_path / "out", language="de")
    assert answer.code == 0 and "Das Ziel ist gesichert" in answer.out
    assert "Alle Personen und Betriebe hier sind erfunden." in answer.out
    made = set(pd.read_csv(tmp_path / "out/plan.csv")[["seeker", "place"]].itertuples(index=False))
    assert (pinned["seeker"], pinned["place"]) in made
    assert (banned["seeker"], banned["place"]) not in made
    assert len(told(tmp_path / "out")["pins"]) == 3  # type: ignore[arg-type]
    found = checked(tmp_path / "out", language="de")
    assert found.code == 0 and "Alle Regeln sind eingehalten." in found.out
    assert unsaid == set()


def test_ways_of_a_router(sample_run: tuple[Path, Run], tmp_path: Path) -> None:
    """Everybody of one postcode is cut off from every site: no other place is theirs then."""
    folder, _ = sample_run
    school = pd.read_csv(SAMPLE / "schools/999001.csv", sep=";", dtype=str, encoding="utf-8-sig")
    home = school["Postleitzahl"].iloc[0]
    sites = pd.read_csv(SAMPLE / "places.csv", sep=";", dtype=str)["postcode"].unique()
    ways = pd.DataFrame({"home": home, "site": sites, "minutes": 1440})
    ways.to_csv(tmp_path / "ways.csv", index=False)
    words = ("--travel-times", tmp_path / "ways.csv", "--candidates", 20)
    answer = run(*given(), *words, "--out", tmp_path / "out")
    assert answer.code == 0
    reasons = pd.read_csv(tmp_path / "out/without_proposal.csv")
    far = (reasons["rule"] == Refusal.WAY_ACCEPTABLE.value).sum()
    before = pd.read_csv(folder / "without_proposal.csv")
    assert far > (before["rule"] == Refusal.WAY_ACCEPTABLE.value).sum() + 20
    pairs = pd.read_csv(tmp_path / "out/pairs.csv")
    assert pairs.groupby("seeker").size().max() == 20
    assert checked(tmp_path / "out").code == 0


def test_the_scarce_district_says_what_is_missing(tmp_path: Path) -> None:
    answer = run("demo", "--district", "scarce", "--out", tmp_path / "out")
    assert answer.code == 0
    for words in ("The target is not sure", "What stands against it", "One opening more for"):
        assert words in answer.out
    assert told(tmp_path / "out")["aim"] == {"maximised": "expected"}
    assert checked(tmp_path / "out").code == 0


def test_asking_for_help() -> None:
    for command in ((), ("plan",), ("solve",), ("verify",), ("demo",), ("reference",)):
        answer = run(*command, "--help")
        assert answer.code == 0 and "Usage:" in answer.out
    assert run("dance").code == 2


def test_contradicting_pins_leave_no_older_plan_behind(
    sample_run: tuple[Path, Run], tmp_path: Path
) -> None:
    """Who looks into the folder must not take last week's plan for today's."""
    plan = pd.read_csv(sample_run[0] / "plan.csv")
    first = plan.iloc[0]
    pins = tmp_path / "pins.csv"
    pins.write_text(
        "seeker,place,bond\n"
        f"{first['seeker']},{first['place']},pin\n{first['seeker']},{first['place']},ban\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    assert run(*given(), "--out", out).code == 0
    answer = run(*given(), "--pins", pins, "--out", out)
    assert answer.code == 3
    assert "pinned_and_banned" in answer.err
    result = told(out)
    assert [path.name for path in out.iterdir()] == ["result.json"]
    assert_result(result, False, *OF_PLAN)
    assert (result["seekers"], result["rates"]) == (told(sample_run[0])["seekers"], None)
