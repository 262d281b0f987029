"""Does a season's plan keep to people's rulings, their consent, their contracts and their names?

On both databases: what is asked of the desk must not depend on where the people are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from data.intake.plan_file import PLACE_PRICES, SEEKER_PRICES
from data.sample import district_folder
from data.store import tables
from data.store.audit import verify
from data.store.people import places as places_of
from data.store.people import seekers as seekers_of
from data.store.people import withdraw
from data.store.retention import run as run_retention
from data.store.run_columns import packed, unpacked
from data.store.runs import take
from matching.errors import FaultyInput, NoPlanPossible, Rule
from matching.problem import Bond
from matching.target import Standing
from office.access import User
from office.desk import Desk
from office.file_desk import FileDesk
from office.reports.plan_folder import OPENINGS, PAIRS, PLAN
from office.season_desk import KeptPlan
from office.settings import Settings
from tests.office.terminal import run
from tests.store.conftest import empty_database
from tests.store.districts import OTHER, SEASON, name_of, now, offer, pseudonyms_of, pupil, take_in

SAMPLE = district_folder("district")
BY = User.operator("amt")

Pair = tuple[str, str]


def desk_on(url: str, folder: Path) -> Desk:
    return Desk(Settings(data_folder=folder, key=b"", database=url))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty store."""
    desk = desk_on(empty_database(request, tmp_path), tmp_path / "data")
    yield desk
    desk.close()


@pytest.fixture
def desk(empty: Desk) -> Desk:
    """Three people, and four places with an opening each that all of them may take."""
    take_in(empty.store, [pupil(n, compulsory_school_done=True) for n in (1, 2, 3)])
    offer(empty.store, 4)
    return empty


def another(desk: Desk, request: pytest.FixtureRequest, folder: Path) -> str:
    """A second empty database of the same kind."""
    return empty_database(request, folder, "sqlite" if desk.store.is_sqlite else "postgresql")


def draw(desk: Desk, **more: Any) -> KeptPlan:
    return desk.draw_season(BY, SEASON, **more)


def pairs_of(desk: Desk, plan: int) -> dict[Pair, str]:
    """The status of each proposal of a plan."""
    _, lines = desk.show_plan(plan, BY)
    return {(line.pseudonym, line.place): line.status for line in lines}


def someone(desk: Desk, nth: int = 1) -> str:
    return pseudonyms_of(desk.store)[name_of("170001", nth)]


def place(nth: int) -> str:
    return f"{SEASON}:csv:p{nth}"


def rules_of(refused: pytest.ExceptionInfo[Any]) -> list[tuple[Rule, str | None]]:
    return [(fault.rule, fault.column) for fault in refused.value.faults]


# --- rulings -------------------------------------------------------------------------------------


def test_the_last_ruling_about_a_pair_counts_until_it_is_lifted(desk: Desk) -> None:
    person = someone(desk)
    first = desk.rule_pair(person, place(4), Bond.BAN, BY, "zu weit", SEASON)
    desk.rule_pair(person, place(4), Bond.PIN, BY, "doch gewünscht", SEASON)
    pinned = draw(desk)
    assert (person, place(4)) in pairs_of(desk, pinned.plan)
    assert [one.id for one in pinned.bound] == [first + 1]
    for nth in (1, 2, 3, 4):
        desk.rule_pair(person, place(nth), Bond.BAN, BY, "kein Betrieb passt", SEASON)
    banned = draw(desk)
    assert person not in {who for who, _ in pairs_of(desk, banned.plan)}
    desk.rule_pair(person, place(2), None, BY, "neu besprochen", SEASON)
    assert (person, place(2)) in pairs_of(desk, draw(desk).plan)
    told = desk.rulings(BY, SEASON)
    assert [one.holds for one in told] == [False, False, True, False, True, True, False]
    assert verify(desk.store) is None


def test_rulings_of_file_and_store_hold_together(desk: Desk, tmp_path: Path) -> None:
    """The same ruling twice is none too many; a contrary one is told with both its sources."""
    one, two = someone(desk, 1), someone(desk, 2)
    number = desk.rule_pair(one, place(4), Bond.PIN, BY, "gewünscht", SEASON)
    pins = tmp_path / "pins.csv"
    pins.write_text(f"seeker,place,bond\n{one},{place(4)},pin\n{two},{place(3)},pin\n")
    drawn = pairs_of(desk, draw(desk, pins=pins).plan)
    assert {(one, place(4)), (two, place(3))} <= drawn.keys()
    pins.write_text(f"seeker,place,bond\n{two},{place(3)},pin\n{one},{place(4)},ban\n")
    with pytest.raises(FaultyInput) as refused:
        draw(desk, pins=pins)
    told = [(fault.rule, fault.file, fault.row, fault.column) for fault in refused.value.faults]
    assert told == [
        (Rule.PINNED_AND_BANNED, str(pins), 3, "bond"),
        (Rule.PINNED_AND_BANNED, None, None, f"decision {number}"),
    ]
    pins.write_text(f"seeker,place,bond\n{two},{place(4)},pin\n")
    with pytest.raises(NoPlanPossible) as impossible:
        draw(desk, pins=pins)
    assert impossible.value.faults[0].rule is Rule.PINNED_OVER_OPENINGS
    assert len(desk.plans(BY, SEASON)) == 1


def test_a_ruling_needs_a_known_pair_and_a_reason(desk: Desk) -> None:
    with pytest.raises(FaultyInput) as refused:
        desk.rule_pair("Elif Erfunden", "nowhere", Bond.PIN, BY, " ", SEASON)
    assert rules_of(refused) == [
        (Rule.SEEKER_UNKNOWN, "seeker"),
        (Rule.PLACE_UNKNOWN, "place"),
        (Rule.VALUE_MISSING, "reason"),
    ]
    assert "Elif" not in str(refused.value)
    with pytest.raises(FaultyInput) as refused:
        desk.rule_pair(someone(desk), place(1), None, BY, "x", SEASON)
    assert rules_of(refused) == [(Rule.RULING_UNKNOWN, "place")]
    with pytest.raises(FaultyInput):
        desk.rule_pair(someone(desk), place(1), Bond.PIN, BY, "x", "2020/21")
    assert desk.rulings(BY, SEASON) == ()


def test_a_pin_that_no_rule_allows_is_told_with_its_number(desk: Desk) -> None:
    with desk.store.transaction() as connection:
        connection.execute(update(tables.places).values(minimum_age=30))
    number = desk.rule_pair(someone(desk), place(1), Bond.PIN, BY, "x", SEASON)
    with pytest.raises(FaultyInput) as refused:
        draw(desk)
    assert rules_of(refused) == [(Rule.PAIR_UNKNOWN, f"decision {number}")]


def test_a_ruling_about_who_left_rests(desk: Desk) -> None:
    """A pin must not stop everybody's plan because its person withdrew."""
    number = desk.rule_pair(someone(desk), place(4), Bond.PIN, BY, "gewünscht", SEASON)
    withdraw(desk.store, someone(desk), BY.name)
    kept = draw(desk)
    assert (kept.bound, [one.id for one in kept.rested]) == ((), [number])


def test_a_ruling_about_a_joined_record_holds_for_the_person(desk: Desk, tmp_path: Path) -> None:
    take_in(desk.store, [pupil(1, school=OTHER, compulsory_school_done=True)], school=OTHER)
    one, other = someone(desk), pseudonyms_of(desk.store)[name_of(OTHER, 1)]
    desk.rule_pair(other, place(4), Bond.PIN, BY, "gewünscht", SEASON)
    join(desk, one, other)
    kept = draw(desk)
    assert (one, place(4)) in pairs_of(desk, kept.plan)
    assert len(kept.drawn.problem.seekers) == 3
    pins = tmp_path / "pins.csv"
    pins.write_text(f"seeker,place\n{other},{place(4)}\n")
    assert draw(desk, pins=pins).drawn.problem.pins == kept.drawn.problem.pins


def join(desk: Desk, one: str, other: str) -> None:
    with desk.store.transaction() as connection:
        told = {"merged": other, "kept": one, "rule": "person", "at": now(), "by": BY.name}
        connection.execute(insert(tables.merges).values(**told))


# --- consent -------------------------------------------------------------------------------------


def test_who_withdraws_leaves_the_plan_in_force_every_draft_and_the_next_plan(desk: Desk) -> None:
    first, draft = draw(desk), draw(desk)
    desk.publish_plan(first.plan, BY, "x")
    gone = someone(desk)
    desk.withdraw_person(gone, User.operator("eltern"))
    for plan in (first.plan, draft.plan):
        stands = {who: status for (who, _), status in pairs_of(desk, plan).items()}
        assert stands.pop(gone) == "withdrawn" and set(stands.values()) == {"proposed"}
    again = draw(desk)
    assert gone not in {who for who, _ in pairs_of(desk, again.plan)}
    assert gone not in {seeker.id for seeker in again.drawn.problem.seekers}
    _, lines = desk.show_plan(first.plan, BY)
    (line,) = (line for line in lines if line.pseudonym == gone)
    assert [(step.status, step.by) for step in line.steps] == [
        ("proposed", BY.name), ("withdrawn", "eltern"),
    ]  # fmt: skip
    with pytest.raises(FaultyInput) as refused:
        desk.move_proposal(first.plan, gone, line.place, "sent", BY, "x")
    assert rules_of(refused) == [(Rule.BASIS_MISSING, None)]


def test_a_plan_that_comes_back_in_force_has_nobody_who_withdrew_since(desk: Desk) -> None:
    """A replaced plan is kept as it was; only putting it in force looks at today's consents."""
    first, second = draw(desk), draw(desk)
    desk.publish_plan(first.plan, BY, "x")
    assert desk.publish_plan(second.plan, BY, "x") == first.plan
    gone = someone(desk)
    desk.withdraw_person(gone, BY)
    assert set(pairs_of(desk, first.plan).values()) == {"proposed"}
    assert desk.publish_plan(first.plan, BY, "x") == second.plan
    assert desk.publish_plan(first.plan, BY, "x") is None
    stands = {who: status for (who, _), status in pairs_of(desk, first.plan).items()}
    assert stands[gone] == "withdrawn"
    assert [plan.status for plan in desk.plans(BY, SEASON)] == ["replaced", "active"]
    assert desk.plans(BY, SEASON)[1].proposals == {"proposed": 2, "withdrawn": 1}


def test_one_record_that_withdraws_takes_the_whole_person_out(desk: Desk) -> None:
    take_in(desk.store, [pupil(1, school=OTHER, compulsory_school_done=True)], school=OTHER)
    one, other = someone(desk), pseudonyms_of(desk.store)[name_of(OTHER, 1)]
    join(desk, one, other)
    first = draw(desk)
    desk.publish_plan(first.plan, BY, "x")
    assert desk.withdraw_person(other, BY) == 2
    assert {who: s for (who, _), s in pairs_of(desk, first.plan).items()}[one] == "withdrawn"


# --- contracts -----------------------------------------------------------------------------------


def told(desk: Desk, nth: int, kind: str, at: str | None, on: date | None = None) -> None:
    """Note an outcome."""
    row = {"id": f"{nth}{kind}{on}", "season": SEASON, "pseudonym": someone(desk, nth)}
    with desk.store.transaction() as connection:
        connection.execute(insert(tables.outcomes).values(**row, kind=kind, place=at, on=on))


def met(desk: Desk, nth: int, status: str, at: str, on: date) -> None:
    """Note a contact."""
    row = {"id": f"{nth}{status}{on}", "season": SEASON, "pseudonym": someone(desk, nth)}
    with desk.store.transaction() as connection:
        connection.execute(insert(tables.contacts).values(**row, status=status, place=at, on=on))


def left(desk: Desk) -> list[int]:
    return [one.openings for one in places_of(desk.store, SEASON)]


def standings(desk: Desk) -> list[Standing]:
    by_id = {one.id: one.standing for one in seekers_of(desk.store, SEASON)}
    return [by_id[someone(desk, nth)] for nth in (1, 2, 3)]


def test_an_opening_with_a_contract_is_offered_no_longer(desk: Desk) -> None:
    looks, started = Standing.LOOKING, Standing.STARTED
    assert (left(desk), standings(desk)) == ([1, 1, 1, 1], [looks] * 3)
    met(desk, 1, "applied", place(1), date(2026, 2, 1))
    assert left(desk) == [1, 1, 1, 1]
    met(desk, 1, "contract", place(1), date(2026, 3, 1))
    told(desk, 2, "dual", place(2))
    told(desk, 3, "preparation", place(3))
    assert (left(desk), standings(desk)) == ([0, 0, 1, 1], [started, started, looks])
    kept = draw(desk)
    assert {where for _, where in pairs_of(desk, kept.plan)} <= {place(3), place(4)}
    assert (kept.drawn.problem.base, kept.drawn.problem.placed_already) == (3, 2)
    met(desk, 1, "withdrawn", place(1), date(2026, 4, 1))
    assert (left(desk)[0], standings(desk)[0]) == (1, looks)


def test_one_person_takes_one_opening(desk: Desk) -> None:
    """A contract, then the outcome, then another firm: never more than one opening is gone."""
    met(desk, 1, "contract", place(1), date(2026, 3, 1))
    told(desk, 1, "dual", None, date(2026, 8, 1))
    assert left(desk) == [0, 1, 1, 1]
    told(desk, 1, "dual", place(2), date(2026, 9, 1))
    assert left(desk) == [1, 0, 1, 1]
    told(desk, 1, "none", None, date(2026, 9, 20))
    assert (left(desk), standings(desk)[0]) == ([1, 1, 1, 1], Standing.LOOKING)


def test_a_proposal_that_came_to_a_contract_takes_its_opening(desk: Desk) -> None:
    kept = draw(desk)
    (who, where), *_ = pairs_of(desk, kept.plan)
    desk.move_proposal(kept.plan, who, where, "contract", BY, "unterschrieben")
    assert sum(left(desk)) == 3
    again = draw(desk)
    pairs = pairs_of(desk, again.plan)
    assert who not in {one for one, _ in pairs} and where not in {one for _, one in pairs}
    withdraw(desk.store, who, BY.name)
    assert sum(left(desk)) == 3, "the firm's opening is gone all the same"


# --- replay --------------------------------------------------------------------------------------


def test_a_run_outlives_people_places_and_the_store_it_was_made_in(
    desk: Desk, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An auditor gets the plan of the day, byte for byte, when nobody in it is known any more."""
    kept = draw(desk)
    FileDesk(desk.settings).write_drawn(kept.drawn, tmp_path / "day")
    desk.forget_person(someone(desk), BY)
    run_retention(desk.store, date(2028, 1, 1), BY.name)
    with desk.store.transaction() as connection:
        assert connection.execute(select(tables.identities)).all() == []
        connection.execute(delete(tables.places))
    desk.backup(tmp_path / "backup.zip", BY)
    other = desk_on(another(desk, request, tmp_path), tmp_path / "other")
    other.restore(tmp_path / "backup.zip", BY)
    for number, auditor in enumerate((desk, other)):
        folder = tmp_path / f"again{number}"
        found = auditor.replay_run(kept.run, BY, folder=folder)
        assert found.same and (found.differences, found.versions) == ((), ())
        for name in (PLAN, SEEKER_PRICES, PLACE_PRICES, PAIRS, OPENINGS):
            same = (tmp_path / "day" / name).read_bytes()
            assert (folder / name).read_bytes() == same, name
        checked = run(
            "verify", folder / "pairs.csv", "--openings", folder / "places.csv",
            "--plan", folder / "plan.csv", "--prices", folder,
        )  # fmt: skip
        assert checked.code == 0, checked.all
    other.close()


@pytest.mark.parametrize(
    ("column", "value", "part", "differs"),
    [
        ("data_hash", "0" * 64, "data", set()),
        ("model_hash", "0" * 64, "model", set()),
        ("config", {"policy": {}, "candidates": 3}, "config", set()),
        ("config", {"policy": {"min_expected": 1e9}}, "config", {"plan"}),
        ("versions", {"ortools": "1.0"}, "versions", set()),
        ("solver", "jonker_volgenant", "config", None),
        ("fingerprint", "0" * 64, "result", {"fingerprint"}),
        ("result", {}, "result", None),
        ("season", "2020/21", "config", set()),
    ],
)
def test_whatever_was_changed_since_is_told_by_its_name(
    desk: Desk, column: str, value: object, part: str, differs: set[str] | None
) -> None:
    """The hashes in the log, which is a chain, vouch for each part by itself."""
    kept = draw(desk)
    assert desk.replay_run(kept.run, BY).unvouched == ()
    with desk.store.transaction() as connection:
        days = dict.fromkeys(("first_day", "training_start"), date(2020, 10, 1))
        row = {"season": "2020/21", "last_day": date(2021, 9, 30), **days}
        connection.execute(insert(tables.seasons).values(**row))
        connection.execute(update(tables.runs).values({column: value}))
    found = desk.replay_run(kept.run, BY)
    assert found.unvouched == (part,) and not found.same
    if differs is not None:
        assert {one.what for one in found.differences} == differs


def test_exchanged_prices_or_columns_show(desk: Desk) -> None:
    kept = draw(desk)
    with desk.store.transaction() as connection:
        (told,) = connection.scalars(select(tables.runs.c.result))
        connection.execute(update(tables.runs).values(result={**told, "prices": "0" * 64}))
    assert {one.what for one in desk.replay_run(kept.run, BY).differences} == {"prices"}
    problem = take(desk.store, kept.run).run.problem
    with desk.store.transaction() as connection:
        payload = packed(problem, kept.drawn.result.plan.rows[1:])
        connection.execute(update(tables.runs).values(payload=payload))
    found = desk.replay_run(kept.run, BY)
    assert found.unvouched == ("columns", "result")
    assert {one.what for one in found.differences} == {"plan", "prices"}


def test_a_setting_or_solver_that_never_was_is_a_damaged_run(desk: Desk) -> None:
    kept = draw(desk)
    for changed in ({"config": {"policy": {"luck": 1}}}, {"solver": "oracle"}):
        with desk.store.transaction() as connection:
            connection.execute(update(tables.runs).values(changed))
        with pytest.raises(FaultyInput) as refused:
            desk.replay_run(kept.run, BY)
        assert refused.value.faults[0].rule is Rule.RUN_DAMAGED


# --- store and files -----------------------------------------------------------------------------


def test_the_store_plans_what_the_files_plan_in_whatever_order_they_came(
    empty: Desk, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The same people and places: the same base, the same pairs, the same most that can be had."""
    lists = [SAMPLE / "schools" / f"9990{n}.csv" for n in ("10", "12", "17")]
    offered, aim = SAMPLE / "places.csv", SAMPLE / "target.toml"
    from_files = FileDesk(empty.settings).draw_plan(lists, offered, aim)
    results = []
    for number, order in enumerate(islice(permutations((*lists, offered)), 0, None, 11)):
        desk = empty if number == 0 else desk_on(another(empty, request, tmp_path), tmp_path)
        for file in order:
            if file == offered:
                desk.import_places([file], BY, "2026/27")
            else:
                desk.import_school_lists([file], BY, file.stem, "2026/27")
        results.append(desk.draw_season(BY, "2026/27", target=aim).drawn)
        if number:
            desk.close()
    for drawn in results:
        assert drawn.problem.base == from_files.problem.base
        assert drawn.problem.placed_already == from_files.problem.placed_already
        assert len(drawn.problem.candidates) == len(from_files.problem.candidates)
        most, usual = drawn.steered.curve[0], from_files.steered.curve[0]
        assert most.expected == pytest.approx(usual.expected, rel=1e-9)


# --- names ---------------------------------------------------------------------------------------


def test_no_name_birth_date_or_address_reaches_the_engine_or_goes_out(
    desk: Desk, tmp_path: Path
) -> None:
    """Pseudonyms only: in the problem, what is kept of the run, the plan's files, the export."""
    secret = pupil(9, compulsory_school_done=True, surname="Geheimnisohn", first_name="Vornamina",
                   street="Verstecktgasse 9", email="geheim@example.org", phone="05241-999999",
                   number="GEHEIM9", born=date(2009, 7, 23))  # fmt: skip
    take_in(desk.store, [secret])
    kept = draw(desk)
    FileDesk(desk.settings).write_drawn(kept.drawn, tmp_path / "plan")
    desk.replay_run(kept.run, BY, folder=tmp_path / "again")
    desk.export_people(tmp_path / "people.csv", BY, SEASON)
    person = pseudonyms_of(desk.store)["Geheimnisohn"]
    payload = packed(kept.drawn.problem, kept.drawn.result.plan.rows)
    with desk.store.reading() as connection:
        logged = connection.execute(select(tables.audit)).all()
        (run_row,) = connection.execute(select(tables.runs)).all()
    everything = {
        "problem": repr((kept.drawn.problem.seekers, kept.drawn.problem.places)),
        "payload": repr(unpacked(payload)) + payload.decode("latin-1"),
        "run": repr(run_row),
        "log": repr(logged),
        "facts": json.dumps(FileDesk(desk.settings).facts_of(kept.drawn), default=str),
    } | {str(file): file.read_text("utf-8-sig") for file in tmp_path.rglob("*.csv")}
    everything |= {str(file): file.read_text() for file in tmp_path.rglob("*.json")}
    assert any(person in text for text in everything.values())
    hidden = ("geheim", "vornamina", "versteckt", "999999", "23.07.2009", "2009-07-23",
              "date(2009, 7, 23)")  # fmt: skip
    for where, text in everything.items():
        assert [one for one in hidden if one in text.casefold()] == [], where
    named = {column.name for seeker in kept.drawn.problem.seekers[:1] for column in fields(seeker)}
    assert named.isdisjoint({"surname", "first_name", "born", "street", "email", "phone", "number"})


# --- the commands --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_commands_for_plans_and_rulings(
    tmp_path: Path, language: str, request: pytest.FixtureRequest
) -> None:
    url = empty_database(request, tmp_path, "sqlite")
    desk = desk_on(url, tmp_path)
    take_in(desk.store, [pupil(n, compulsory_school_done=True) for n in (1, 2, 3)])
    offer(desk.store, 4)
    person, db = someone(desk), ("--db", url)

    def ask(*said: object, code: int = 0) -> str:
        answer = run(*said, *db, language=language)
        assert answer.code == code, answer.all
        return answer.all

    def facts(*said: object, code: int = 0) -> dict[str, Any]:
        answer = run(*said, *db, "--json", language=language)
        assert answer.code == code, answer.all
        return dict(json.loads(answer.out))

    season = ("--season", SEASON)
    assert facts("plans", "list") == {"plans": []}
    ask("plans", "list"), ask("decisions", "list", *season)
    pinned = ("decisions", "add", person, place(4), "pin", "--reason", "gewünscht", *season)
    assert facts(*pinned)["decision"] == 1
    ask("decisions", "add", person, place(3), "ban", "--reason", "zu weit", *season)
    (first, second) = facts("decisions", "list", *season)["decisions"]
    assert (first["ruling"], first["holds"], first["reason"]) == ("pin", True, "gewünscht")
    assert second["ruling"] == "ban"
    assert "gewünscht" in ask("decisions", "list", *season)
    made = facts("plan", *season)
    assert (made["plan"], made["decisions"], made["decisions_at_rest"]) == (1, [1, 2], [])
    assert "1, 2" in ask("plan", *season)
    told = facts("plans", "show", 1)
    assert (told["status"], told["proposals"], len(told["lines"])) == ("draft", 3, 3)
    assert (person, place(4)) in {(line["seeker"], line["place"]) for line in told["lines"]}
    was = facts("plans", "activate", 1, "--reason", "x")
    assert was == {"active": 1, "replaced": None, "season": SEASON, "was": "draft"}
    assert "1" in ask("plans", "activate", 1, "--reason", "x")
    assert facts("plans", "activate", 2, "--reason", "x")["replaced"] == 1
    assert "2" in ask("plans", "activate", 1, "--reason", "x")
    ask("plans", "move", 1, person, place(4), "sent", "--reason", "Brief vom Montag")
    (moved,) = (one for one in facts("plans", "show", 1)["lines"] if one["seeker"] == person)
    assert [step["status"] for step in moved["history"]] == ["proposed", "sent"]
    assert "Brief vom Montag" in ask("plans", "show", 1)
    newest, older = facts("plans", "list", *season)["plans"]
    assert (newest["status"], older["status"]) == ("replaced", "active")
    assert older["proposals_by_status"] == {"proposed": 2, "sent": 1}
    ask("plans", "list")
    assert facts("runs", "replay", 1, "--out", tmp_path / "again")["same"]
    ask("plans", "show", 9, code=2), ask("plans", "activate", 9, "--reason", "x", code=2)
    ask("decisions", "add", "niemand", place(1), "pin", "--reason", "x", *season, code=2)
    ask("decisions", "add", person, place(1), "lift", "--reason", "x", *season, code=2)
    ask("person", "withdraw", person)
    assert "1, 2" in ask("plan", *season)
    desk.close()
