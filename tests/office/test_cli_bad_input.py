"""Is bad input refused in plain words: where, what, which rule, and nothing written?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from matching.errors import BrokenPromise
from matching.plan import Check, Violation
from tests.office.terminal import OPENINGS, PAIRS, Run, run, solve, verify, write

HEAD = "seeker,place,chance,wish\n"
ID, POSTCODE = "Interne ID-Nummer", "Postleitzahl"
PUPILS = (
    f"{ID};{POSTCODE};Geburtsdatum;Höchster allg. Abschluss;Schulpflicht erfüllt;Wunsch 1\n"
    "1;33330;01.02.2009;MSA;ja;Tischler\n"
    "2;33334;01.03.2009;;ja;62102\n"
)
OFFERS = (
    "place;title;kldb;postcode;openings;certificate;starts\n"
    "T;Tischler;;33330;1;;2027-08-01\n"
    "V;;62102;33334;1;MSA;2027-08-01\n"
)


def plan(folder: Path, *words: object) -> Run:
    given = ("--seekers", folder / "pupils.csv", "--places", folder / "offers.csv")
    return run("plan", *given, "--out", folder / "out", *words)


def assert_refused(answer: Run, folder: Path, *parts: str) -> None:
    """Exit 2, every part of the message there, and no folder made."""
    assert answer.code == 2, answer.all
    for part in parts:
        assert part in answer.err, (part, answer.err)
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("pairs", "parts"),
    [
        ("", ["pairs.csv", "[file_empty]"]),
        ("\n \n", ["pairs.csv", "[file_empty]"]),
        (HEAD, ["pairs.csv", "[no_rows]"]),
        ("seeker,place\na,x\n", ["pairs.csv, row 1, column chance", "[column_missing]"]),
        ("seeker,place,chance,chance\na,x,1,1\n", ["row 1, column chance", "[column_twice]"]),
        (HEAD + "a,x,0.5\n", ["row 2", "3/4", "[column_count]"]),
        (HEAD + "a,x,0.5,1\na,x,0.5,1\n", ["row 3, column place, “x”", "[pair_twice]"]),
        (HEAD + ",x,0.5,1\n", ["row 2, column seeker", "[value_missing]"]),
        (HEAD + "a,x,,1\n", ["row 2, column chance", "[value_missing]"]),
        (HEAD + "a,x,0,1\n", ["row 2, column chance, “0”", "[chance_out_of_range]"]),
        (HEAD + "a,x,-0.1,1\n", ["row 2, column chance, “-0.1”", "[chance_out_of_range]"]),
        (HEAD + "a,x,1.1,1\n", ["row 2, column chance, “1.1”", "[chance_out_of_range]"]),
        (HEAD + "a,x,nan,1\n", ["row 2, column chance, “nan”", "[chance_out_of_range]"]),
        (HEAD + "a,x,inf,1\n", ["row 2, column chance, “inf”", "[chance_out_of_range]"]),
        (HEAD + "a,x,half,1\n", ["row 2, column chance, “half”", "[number_unreadable]"]),
        (HEAD + "a,x,0.5,1.5\n", ["row 2, column wish, “1.5”", "[wish_out_of_range]"]),
        (HEAD + "a,w,0.5,1\n", ["row 2, column place, “w”", "[place_unknown]"]),
    ],
)
def test_pairs_that_are_none(tmp_path: Path, pairs: str, parts: list[str]) -> None:
    folder = write(tmp_path, pairs=pairs, places=OPENINGS)
    assert_refused(solve(folder), folder, *parts)


@pytest.mark.parametrize(
    ("openings", "parts"),
    [
        ("", ["places.csv", "[file_empty]"]),
        ("place,openings\n", ["places.csv", "[no_rows]"]),
        ("place\nx\n", ["places.csv, row 1, column openings", "[column_missing]"]),
        ("place,openings\nx,1\ny,1\nx,2\n", ["row 4, column place, “x”", "[id_twice]"]),
        ("place,openings\nx,-1\ny,1\n", ["row 2, column openings, “-1”", "[negative]"]),
        ("place,openings\nx,1.5\ny,1\n", ["row 2, column openings, “1.5”", "[not_whole]"]),
        ("place,openings\nx,nan\ny,1\n", ["row 2, column openings", "[number_unreadable]"]),
        ("place,openings\nx,1e12\ny,1\n", ["row 2, column openings", "[number_too_large]"]),
        ("place,openings\nx,\ny,1\n", ["row 2, column openings", "[value_missing]"]),
    ],
)
def test_openings_that_are_none(tmp_path: Path, openings: str, parts: list[str]) -> None:
    folder = write(tmp_path, pairs=PAIRS, places=openings)
    assert_refused(solve(folder), folder, *parts)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--share", "0"], ["column share, “0”", "[share_out_of_range]"]),
        (["--share", "1.5"], ["column share, “1.5”", "[share_out_of_range]"]),
        (["--share", "133%"], ["column share, “133%”", "[share_out_of_range]"]),
        (["--share", "4/3"], ["column share, “4/3”", "[share_out_of_range]"]),
        (["--share", "-1/3"], ["column share, “-1/3”", "[share_out_of_range]"]),
        (["--share", "nan"], ["column share, “nan”", "[number_unreadable]"]),
        (["--base", "-1"], ["column base, “-1”", "[negative]"]),
        (["--base", "1" + 40 * "0"], ["column base, “> 1000000000”", "[number_too_large]"]),
        (["--placed", "-1"], ["column placed, “-1”", "[negative]"]),
        (["--serve", "--confidence", "0"], ["column confidence", "[confidence_out_of_range]"]),
        (["--serve", "--confidence", "nan"], ["column confidence", "[confidence_out_of_range]"]),
        (["--serve", "--min-expected", "nan"], ["column min_expected", "[number_unreadable]"]),
        (["--serve", "--min-expected", "-1"], ["column min_expected, “-1.0”", "[negative]"]),
        (["--serve", "--min-expected", "1", "--confidence", "0.5"], ["not both"]),
        (["--min-expected", "1"], ["need --serve"]),
        (["--confidence", "0.5"], ["need --serve"]),
        (["--base", "many"], ["--base"]),
        (["--colour", "red"], ["--colour"]),
        (["--pins", "no/such/file.csv"], ["no/such/file.csv", "[file_missing]"]),
    ],
)
def test_options_out_of_range(tmp_path: Path, words: list[str], parts: list[str]) -> None:
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS)
    assert_refused(solve(folder, *words), folder, *parts)


def test_every_fault_of_every_file_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        pairs=HEAD + "a,x,2,1\nb,x,nan,7\n",
        places="place,openings\nx,-1\n",
        pins="seeker,place,bond\na,x,maybe\n",
    )
    words = ("--share", 2, "--base", -1, "--pins", folder / "pins.csv")
    answer = solve(folder, *words)
    assert_refused(answer, folder, "share_out_of_range", "pins.csv, row 2, column bond, “maybe”")
    assert answer.err.count("\n  ") == 7


def test_serving_without_wishes(tmp_path: Path) -> None:
    folder = write(tmp_path, pairs="seeker,place,chance\na,x,0.5\n", places=OPENINGS)
    answer = solve(folder, "--serve")
    assert_refused(answer, folder, "pairs.csv, row 1, column wish", "[column_missing]")


@pytest.mark.parametrize("junk", [b"PAR1junkPAR1", b"\0\1\2\3" * 99, b"\x81\x8d\x8f,\n", b"PAR1"])
def test_binary_junk(tmp_path: Path, junk: bytes) -> None:
    folder = write(tmp_path, pairs=junk, places=junk, pupils=junk, offers=junk)
    assert_refused(solve(folder), folder, "pairs.csv", "places.csv")
    assert_refused(plan(folder), folder, "pupils.csv", "offers.csv")


def test_files_that_are_not_there_or_are_folders(tmp_path: Path) -> None:
    answer = solve(tmp_path)
    assert_refused(answer, tmp_path, f"{tmp_path}/pairs.csv", f"{tmp_path}/places.csv")
    assert answer.err.count("[file_missing]") == 2
    for name in ("pairs.csv", "places.csv", "pupils.csv", "offers.csv"):
        (tmp_path / name).mkdir()
    for answer in (solve(tmp_path), plan(tmp_path)):
        assert_refused(answer, tmp_path)
        assert answer.err.count("[file_unreadable]") == 2


def test_links_that_lead_in_a_circle(tmp_path: Path) -> None:
    for name in ("pairs.csv", "places.csv", "pupils.csv", "offers.csv"):
        (tmp_path / name).symlink_to(tmp_path / name)
    for answer in (solve(tmp_path), plan(tmp_path)):
        assert_refused(answer, tmp_path, "[file_unreadable]")


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    """A file where the folder, or a folder above it, should be."""
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS, out="in the way")
    answer = solve(folder, to="out.csv")
    assert answer.code == 2 and "--out" in answer.err
    answer = solve(folder, to="out.csv/below")
    assert answer.code == 2 and "out.csv/below" in answer.err and "[file_refused]" in answer.err
    assert (folder / "out.csv").read_text() == "in the way"


def test_a_folder_that_refuses_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the system says, no half of a result and no scraps stay behind."""
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS)

    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr("office.reports.plan_folder.os.replace", refuse)
    answer = solve(folder)
    assert answer.code == 2 and "plan.csv, “Permission denied”" in answer.err
    assert list((folder / "out").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    folder = write(tmp_path / "shut", pairs=PAIRS, places=OPENINGS)
    folder.chmod(0o500)
    answer = solve(folder)
    assert_refused(answer, folder, "out", "[file_refused]")
    folder.chmod(0o700)


def test_an_older_result_survives_a_refusal(tmp_path: Path) -> None:
    """Nothing written means nothing taken away either."""
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS)
    assert solve(folder).code == 0
    before = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert solve(folder, "--share", 2).code == 2
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == before


def test_a_plan_that_fails_its_recount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours is exit 1, named, and no plan of it is kept."""
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS)

    def broken(*_: object, **__: object) -> None:
        raise BrokenPromise("flow", (Violation(Check.ONE_PLACE_EACH, "a", found="2"),))

    monkeypatch.setattr("office.file_desk.solve", broken)
    answer = solve(folder)
    assert answer.code == 1 and "[one_place_each]" in answer.err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("1;33330", ";33330", [f"row 2, column {ID}", "[value_missing]"]),
        ("1;33330", "1;00001", [f"row 2, column {POSTCODE}, “00001”", "[postcode_unknown]"]),
        ("2;33334", "1;33334", [f"row 3, column {ID}, “1”", "[id_twice]"]),
        ("01.02.2009", "30.02.2009", ["row 2, column Geburtsdatum", "[date_unreadable]"]),
        ("01.02.2009", "01.02.1809", ["row 2, column Geburtsdatum", "[date_out_of_range]"]),
        ("MSA", "Diplom", ["row 2, column Höchster allg. Abschluss", "[certificate_unknown]"]),
        (";Tischler", ";Zauberer", ["row 2, column Wunsch 1:", "[occupation_unknown]"]),
        (";62102", ";99999", ["row 3, column Wunsch 1, “99999”", "[occupation_unknown]"]),
        (POSTCODE, "Gegend", [f"row 1, column {POSTCODE}", "[column_missing]"]),
        ("ja;Tischler", "vielleicht;Tischler", ["column Schulpflicht erfüllt", "[value_unknown]"]),
    ],
)
def test_school_lists_with_faults(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    folder = write(tmp_path, pupils=PUPILS.replace(old, new), offers=OFFERS)
    assert_refused(plan(folder), folder, "pupils.csv", *parts)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("T;", "V;", ["row 3, column place, “V”", "[id_twice]"]),
        ("33330", "99999", ["row 2, column postcode, “99999”", "[postcode_unknown]"]),
        (";62102;", ";00000;", ["row 3, column kldb, “00000”", "[occupation_unknown]"]),
        ("T;Tischler", "T;Zauberer", ["row 2, column title, “Zauberer”", "[occupation_unknown]"]),
        ("33330;1", "33330;-2", ["row 2, column openings, “-2”", "[negative]"]),
        ("33330;1", "33330;0.5", ["row 2, column openings, “0.5”", "[not_whole]"]),
        ("openings", "seats", ["row 1, column openings", "[column_missing]"]),
    ],
)
def test_place_lists_with_faults(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    folder = write(tmp_path, pupils=PUPILS, offers=OFFERS.replace(old, new))
    assert_refused(plan(folder), folder, "offers.csv", *parts)


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ('share = "1/3"\nquota = 4\n', ["target.toml, row 2, column quota", "[key_unknown]"]),
        ("share = 1.5\n", ["target.toml, row 1, column share", "[share_out_of_range]"]),
        ("base = 1" + 40 * "0", ["target.toml, row 1, column base", "[number_too_large]"]),
        ('definition = "ours"\n', ["target.toml, row 1, column definition", "[value_unknown]"]),
        ("share = = 1\n", ["target.toml, row 1", "[file_unreadable]"]),
        ("", ["target.toml", "[file_empty]"]),
    ],
)
def test_targets_with_faults(tmp_path: Path, target: str, parts: list[str]) -> None:
    folder = write(tmp_path, pupils=PUPILS, offers=OFFERS, target_toml=target)
    assert_refused(plan(folder, "--target", folder / "target.toml"), folder, *parts)


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("pins", "seeker,place,bond\nnobody,T,pin\n", ["pins.csv, row 2, column seeker, “nobody”"]),
        ("pins", "seeker,place,bond\nnobody,T,ban\n", ["[seeker_unknown]"]),
        ("pins", "seeker,place\nnobody,nowhere\n", ["row 2, column place", "[place_unknown]"]),
        ("times", "home,site\n33330,33334\n", ["times.csv, row 1, column minutes"]),
        ("times", "home,site,minutes\n33330,1,5\n", ["row 2, column site", "[postcode_unknown]"]),
        ("times", "home,site,minutes\n33330,33334,-5\n", ["row 2, column minutes", "[negative]"]),
    ],
)
def test_rulings_and_ways_with_faults(
    tmp_path: Path, name: str, text: str, parts: list[str]
) -> None:
    folder = write(tmp_path, pupils=PUPILS, offers=OFFERS, **{name: text})
    option = "--pins" if name == "pins" else "--travel-times"
    assert_refused(plan(folder, option, folder / f"{name}.csv"), folder, *parts)


def test_a_pin_of_a_pair_that_no_rule_allows(tmp_path: Path) -> None:
    """The second person has no certificate on record; V asks for one."""
    folder = write(tmp_path, pupils=PUPILS, offers=OFFERS)
    assert plan(folder).code == 0
    people = pd.read_csv(folder / "out/prices_seekers.csv")["seeker"]
    allowed = set(pd.read_csv(folder / "out/pairs.csv").query("place == 'V'")["seeker"])
    (name,) = set(people) - allowed
    write(folder, pins=f"seeker,place,bond\n{name},T,pin\n{name},V,pin\n")
    answer = run(
        *("plan", "--seekers", folder / "pupils.csv", "--places", folder / "offers.csv"),
        *("--out", folder / "other", "--pins", folder / "pins.csv"),
    )
    assert answer.code == 2 and not (folder / "other").exists()
    assert f"pins.csv, row 3, column place, “{name} - V”" in answer.err


def test_contradicting_rulings_about_a_district(tmp_path: Path) -> None:
    folder = write(tmp_path, pupils=PUPILS, offers=OFFERS)
    assert plan(folder).code == 0
    pairs = pd.read_csv(folder / "out/pairs.csv")
    first, second = pairs.query("place == 'T'")["seeker"]
    write(folder, pins=f"seeker,place,bond\n{first},T,pin\n{second},T,pin\n{second},T,ban\n")
    answer = plan(folder, "--pins", folder / "pins.csv")
    assert answer.code == 3
    assert "[pinned_over_openings]" in answer.err and "[pinned_and_banned]" in answer.err


def test_nobody_to_place(tmp_path: Path) -> None:
    """A list of nobody is taken for a slip: said, and nothing written."""
    folder = write(tmp_path, pupils=PUPILS.splitlines()[0] + "\n", offers=OFFERS)
    assert_refused(plan(folder), folder, "pupils.csv", "[no_rows]")


def test_nobody_who_looks(tmp_path: Path) -> None:
    """A district in which everybody is placed already has an empty plan, and says so."""
    rows = f"{ID};{POSTCODE};Stand\n1;33330;Vertrag\n2;33334;Vertrag\n"
    folder = write(tmp_path, pupils=rows, offers=OFFERS)
    answer = plan(folder)
    assert answer.code == 0
    assert (folder / "out/plan.csv").read_text() == "seeker,place,chance\n"
    target = json.loads((folder / "out/result.json").read_text())["target"]
    assert (target["placed"], target["need"], target["chance"]) == (2, 0, 1.0)


def test_a_place_nobody_can_reach_and_a_person_without_a_place(tmp_path: Path) -> None:
    """Both are named with the reason; neither row is dropped."""
    folder = write(
        tmp_path,
        pupils=PUPILS + "3;80331;01.03.2009;MSA;ja;Tischler\n",
        offers=OFFERS + "K;Koch;;18055;3;;2027-08-01\n",
    )
    answer = plan(folder)
    assert answer.code == 0 and "the way is too long" in answer.out
    (left,) = pd.read_csv(folder / "out/left_empty.csv").query("place == 'K'").to_dict("records")
    assert (left["openings"], left["reason"]) == (3, "nobody_allowed")
    without = pd.read_csv(folder / "out/without_proposal.csv")
    (far,) = without.query("reason == 'no_place_allowed'").to_dict("records")
    assert (far["rule"], far["places_refused"]) == ("way_acceptable", 3)
    result = json.loads((folder / "out/result.json").read_text())
    assert (result["seekers"], result["seekers_without_pair"], result["places"]) == (3, 1, 3)


def test_the_list_of_places_is_never_overwritten(tmp_path: Path) -> None:
    """`places.csv` is what a plan calls its openings too."""
    folder = write(tmp_path, pupils=PUPILS, places=OFFERS)
    given = ("--seekers", folder / "pupils.csv", "--places", folder / "places.csv")
    answer = run("plan", *given, "--out", folder)
    assert answer.code == 2 and "places.csv" in answer.err and "[file_would_be_lost]" in answer.err
    assert (folder / "places.csv").read_text() == OFFERS
    assert sorted(path.name for path in folder.iterdir()) == ["places.csv", "pupils.csv"]


def test_verify_names_what_it_can_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path, pairs=PAIRS, places=OPENINGS)
    answer = verify(folder)
    assert answer.code == 2 and "out/plan.csv" in answer.err and "[file_missing]" in answer.err
    assert solve(folder).code == 0
    answer = verify(folder, "--prices", folder / "nowhere")
    assert answer.code == 2 and answer.err.count("[file_missing]") == 2


def test_reference_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(
        tmp_path,
        good="code;level;title;short_title\n1;1;Land;Land\n11101;5;Landwirtschaft;LW\n",
        bad="code;level;title;short_title\nx;1;Land;Land\n",
    )
    monkeypatch.setenv("UEBERGANG_DATA", str(folder / "kept"))
    answer = run("reference", "import", folder / "bad.csv")
    assert answer.code == 2 and "row 2, column code, “x”" in answer.err
    assert run("reference", "import", folder / "none.csv").code == 2
    answer = run("reference", "import", folder / "good.csv")
    assert answer.code == 0 and "1 occupations imported" in answer.out
    monkeypatch.setenv("UEBERGANG_DATA", str(folder / "good.csv"))
    answer = run("reference", "import", folder / "good.csv")
    assert answer.code == 2 and "[file_refused]" in answer.err
