"""Does the model in force give the chances, and does everybody see where they come from?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.sample.history import past
from data.store.chance_models import To
from data.store.plans import move
from data.store.progress import Course, Stage, courses
from data.store.season_mark import season_mark
from matching.errors import FaultyInput, Refused, Rule, UebergangError
from office.access import Role, User
from office.active_model import active_model, model_of_run, scorecard
from office.counseling_desk import Scores
from office.desk import Desk
from office.learning_tables import UnusableFile
from office.model_watch import past_promise
from office.models_desk import card_beside
from office.season_picture import PICTURES, basis_of
from office.settings import Settings
from tests.office.learned import TINY, learned
from tests.store.districts import offer, pseudonyms_of, pupil, take_in

ADA = User("ada", frozenset({Role.ADMIN}))
PAULA = User("paula", frozenset({Role.PLANNER}))
LENA = User("lena", frozenset({Role.COUNSELOR}))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Nine people who look, and eight places with an opening each that all of them may take."""
    made = Desk(Settings(data_folder=tmp_path, key=b"", database=str(tmp_path / "s.db")))
    season = made.season()
    people = [pupil(n, compulsory_school_done=True) for n in range(1, 10)]
    take_in(made.store, people, season=season)
    offer(made.store, 8, season)
    yield made
    made.close()


def taken(desk: Desk, seed: int = 3) -> int:
    made = learned(seed)
    return desk.take_model(made.content, made.card, ADA)


def refusal(error: UebergangError) -> set[Rule]:
    assert isinstance(error, FaultyInput)
    return {fault.rule for fault in error.faults}


# --- taken in ------------------------------------------------------------------------------------


def test_a_model_comes_in_with_its_card_and_changes_nothing(desk: Desk) -> None:
    number = taken(desk)
    (line,) = desk.models(ADA)
    assert (line.id, line.made, line.invented) == (number, "2026-11-22", True)
    assert line.card["rows"] == learned().model.cases
    assert desk.active_model(ADA) is None and active_model(desk.store).hash == scorecard().hash


def test_no_name_of_a_firm_stands_in_the_file() -> None:
    """A firm may be called by its owner's name; the model goes by digests and knows it still."""
    made = learned()
    assert made.model.firms and all(len(key) == 16 for key in made.model.firms)
    table: dict[str, Any] = {name: [0.5, 0.5] for name in made.model.columns}
    seen = past(3, TINY).history["firm"].iloc[0]
    table |= {"field": ["2", "2"], "firm": [str(seen), "nobody’s"]}
    assert (made.model.firm_numbers(table) >= 0).tolist() == [True, False]


def test_a_card_must_be_the_models_own(desk: Desk) -> None:
    one, other = learned(), learned(4)
    for content, card in ((one.content, other.card), (one.content, b"{}")):
        with pytest.raises(FaultyInput) as refused:
            desk.take_model(content, card, ADA)
        assert refusal(refused.value) == {Rule.CARD_OF_ANOTHER}
    for broken in (b"", b"[]", b"{", b'{"spread": NaN}', b"[" * 100_000, b"\xff"):
        with pytest.raises(FaultyInput) as refused:
            desk.take_model(one.content, broken, ADA)
        assert refusal(refused.value) == {Rule.FILE_UNREADABLE}
    assert desk.models(ADA) == ()


def test_a_file_with_one_byte_changed_is_refused(desk: Desk) -> None:
    made = learned()
    for content in (made.content[:-1] + bytes([made.content[-1] ^ 1]), b"", b"PK"):
        with pytest.raises(UnusableFile):
            desk.take_model(content, made.card, ADA)
    assert desk.models(ADA) == ()


def test_an_audit_stands_with_the_card(desk: Desk) -> None:
    made = learned()
    number = desk.take_model(made.content, made.card, ADA, b'{"groups": {"a": 1}}')
    desk.activate_model(number, ADA, "geprüft")
    assert desk.model_state(PAULA).audit == {"groups": {"a": 1}}


def test_a_card_is_found_beside_its_model(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    assert card_beside(file) is None
    (tmp_path / "model.card.json").touch()
    assert card_beside(file) == tmp_path / "model.card.json"
    (tmp_path / "model.skops.card.json").touch()
    assert card_beside(file) == tmp_path / "model.skops.card.json"


# --- in force ------------------------------------------------------------------------------------


def test_going_back_is_a_switch_like_any_other(desk: Desk) -> None:
    one, other = taken(desk), taken(desk, 4)
    hashes = {line.id: line.hash for line in desk.models(ADA)}
    for number in (one, other, one):
        desk.activate_model(number, ADA, "weil")
        now = active_model(desk.store)
        assert (now.version, now.hash, now.invented) == (number, hashes[number], True)
    desk.use_scorecard(ADA, "weil")
    assert active_model(desk.store).version is None
    told = [(line.to, line.model) for line in reversed(desk.model_switches(PAULA))]
    assert told == [(To.MODEL, one), (To.MODEL, other), (To.MODEL, one), (To.SCORECARD, None)]


def test_a_model_is_read_once_for_all(desk: Desk) -> None:
    desk.activate_model(taken(desk), ADA, "weil")
    assert active_model(desk.store).model is active_model(desk.store).model


def test_a_plan_is_drawn_by_the_model_in_force_and_says_so(desk: Desk) -> None:
    before = desk.show_run(desk.draw_season(PAULA).run, PAULA).run
    assert before.model_hash == scorecard().hash and "held_to" not in before.result
    number = taken(desk)
    desk.activate_model(number, ADA, "weil")
    kept = desk.draw_season(PAULA)
    run = desk.show_run(kept.run, PAULA).run
    assert run.config["model"] == {"version": number, "hash": run.model_hash}
    assert run.model_hash == desk.models(ADA)[0].hash != before.model_hash
    assert run.problem.spread == learned().model.spread and run.problem.invented
    assert not (run.problem.candidates.chance == before.problem.candidates.chance).all()
    # Chances of the day are the run's own: a replay needs no model, and tells of none but another.
    desk.use_scorecard(ADA, "zurück")
    found = desk.replay_run(kept.run, PAULA)
    assert found.same and [one.what for one in found.versions] == ["chance model"]
    assert desk.show_run(desk.draw_season(PAULA).run, PAULA).run.model_hash == before.model_hash


def test_beside_what_a_plan_promises_stands_what_it_may_be_held_to(desk: Desk) -> None:
    """Raw is the plan's own sum; the honest value lies inside its interval."""
    desk.activate_model(taken(desk), ADA, "weil")
    kept = desk.draw_season(PAULA)
    (past,) = desk.plan_history(PAULA)
    told = past.held_to
    assert told == kept.held_to and told is not None
    assert told.raw == pytest.approx(past.expected, abs=1e-9)
    assert told.low < told.honest < told.high and 0 < told.honest < 9
    state = desk.model_state(ADA)
    assert state.drift_of == kept.run and state.drift is not None
    assert {one["name"] for one in state.drift["features"]} == set(learned().model.columns)
    assert state.drift["rows"] == past.proposals
    # What is kept is JSON alone, and nobody's.
    told_all = json.dumps(desk.show_run(kept.run, PAULA).run.result["drift"])
    assert not any(one in told_all for one in pseudonyms_of(desk.store).values())


def test_one_persons_chances_come_from_the_plans_model(desk: Desk) -> None:
    """Whatever was put in force since the plan was: until the next plan is."""
    season = desk.season()
    assert basis_of(desk.store, season)[1].version is None
    one = taken(desk)
    desk.activate_model(one, ADA, "weil")
    assert basis_of(desk.store, season)[1].version == one
    desk.publish_plan(desk.draw_season(PAULA).plan, PAULA, "geprüft")
    desk.activate_model(taken(desk, 4), ADA, "weil")
    desk.set_scores(Scores.SHOWN, LENA)
    page = desk.sheet(next(iter(pseudonyms_of(desk.store).values())), LENA)
    assert page is not None and page.scoring and page.learned
    picture = PICTURES.known(desk.store, season, season_mark(desk.store, season))
    assert picture is not None and picture.drawn.problem.invented
    assert picture.chances.version == one
    assert picture.drawn.problem.spread == learned().model.spread


def test_a_hash_that_nobody_knows_stands_for_the_scorecard(desk: Desk) -> None:
    assert model_of_run(desk.store, "0" * 64).hash == scorecard().hash


# --- by hand -------------------------------------------------------------------------------------


def test_one_switch_and_people_do_without(desk: Desk) -> None:
    """No chance on a sheet, none to choose, no new plan; and the plan in force stays."""
    season = desk.season()
    number = taken(desk)
    desk.activate_model(number, ADA, "weil")
    plan = desk.draw_season(PAULA).plan
    desk.publish_plan(plan, PAULA, "geprüft")
    desk.set_scores(Scores.SHOWN, LENA)
    desk.set_manual(True, PAULA, "Zweifel")
    assert desk.is_manual(LENA) and desk.scores_allowed(LENA) == (Scores.OFF,)
    page = desk.sheet(next(iter(pseudonyms_of(desk.store).values())), LENA)
    assert page is not None and not page.scoring
    assert all(option.chance is None and not option.grounds for option in page.options)
    assert basis_of(desk.store, season)[1].hash == scorecard().hash
    for ask in (desk.draw_season, desk.start_drawing):
        with pytest.raises(FaultyInput) as refused:
            ask(PAULA)
        assert refusal(refused.value) == {Rule.MANUAL_ON}
    assert [one.plan for one in desk.plan_history(PAULA) if one.status == "active"] == [plan]
    desk.set_manual(False, PAULA, "geklärt")
    assert active_model(desk.store).version == number
    assert desk.draw_season(PAULA).held_to is not None
    assert desk.scores(LENA) is Scores.SHOWN


def test_a_planner_may_stop_chances_and_put_none_in_force(desk: Desk) -> None:
    number = taken(desk)
    for ask in (
        lambda: desk.activate_model(number, PAULA, "weil"),
        lambda: desk.use_scorecard(PAULA, "weil"),
        lambda: desk.take_model(b"", b"", PAULA),
        lambda: desk.set_manual(True, LENA, "weil"),
        lambda: desk.model_state(LENA),
    ):
        with pytest.raises(Refused):
            ask()
    desk.set_manual(True, PAULA, "weil")


# --- what came -----------------------------------------------------------------------------------


def test_what_was_promised_is_held_against_what_came(desk: Desk) -> None:
    season = desk.season()
    desk.activate_model(taken(desk), ADA, "weil")
    plan = desk.draw_season(PAULA).plan
    assert desk.model_state(PAULA).promises == (), "nothing was promised until it was in force"
    desk.publish_plan(plan, PAULA, "geprüft")
    (told,) = desk.model_state(PAULA).promises
    assert (told.plan, told.model, told.proposals) == (plan, 1, 8)
    assert (told.came, told.still_open, told.judged) == (0, 8, None)
    assert told.held_to is not None and told.expected == pytest.approx(told.held_to.raw)
    pairs = courses(desk.store, season)
    for one in pairs:
        move(desk.store, plan, one.pseudonym, one.place, "started", "lena", "da")
    (told,) = desk.model_state(PAULA).promises
    assert (told.came, told.still_open) == (8, 0)
    assert told.judged is not None and told.judged.started == 1


def of_stages(count: dict[Stage | None, int]) -> tuple[dict[tuple[str, str], float], list[Course]]:
    """So many pairs at each stage, of a chance of one half each."""
    stages = [stage for stage, number in count.items() for _ in range(number)]
    proposed = {(f"s{n}", "p"): 0.5 for n in range(len(stages))}
    found = [
        Course(f"s{n}", "p", stage, date(2026, 5, 1), 0.5, True)
        for n, stage in enumerate(stages)
        if stage is not None
    ]
    return proposed, found


@pytest.mark.parametrize(
    ("count", "came", "still_open", "is_judged"),
    [
        ({Stage.STARTED: 50, Stage.DECLINED: 50}, 50, 0, True),
        ({Stage.CONTRACT: 45, Stage.DECLINED: 45, Stage.SENT: 10}, 45, 10, True),
        # Refusals come sooner than contracts: too much is open.
        ({Stage.STARTED: 10, Stage.DECLINED: 50, None: 40}, 10, 40, False),
        # Fewer than five stay untold, and what would tell of them, too.
        ({Stage.STARTED: 3, Stage.DECLINED: 97}, None, None, False),
        ({Stage.STARTED: 97, Stage.WITHDRAWN: 3}, None, None, False),
        ({Stage.STARTED: 50, Stage.DECLINED: 48, None: 2}, None, None, False),
        ({}, 0, 0, False),
    ],
)
def test_what_came_is_told_as_far_as_it_may_be(
    count: dict[Stage | None, int], came: int | None, still_open: int | None, is_judged: bool
) -> None:
    proposed, found = of_stages(count)
    told = past_promise(
        1, "2025/26", datetime.now(UTC), None, {"expected": 9}, proposed, found, 0.25
    )
    assert (told.came, told.still_open) == (came, still_open)
    assert (told.judged is not None) is is_judged
