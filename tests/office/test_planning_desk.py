"""Does the planner see the season as it stands, and nobody who should stay unseen?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from data.intake.records import ContactRecord, ContactStatus, FileRead
from data.reference.boundaries import FILE
from data.reference.shapes import municipality_shapes
from data.store.outcome_imports import apply_contacts
from data.store.plans import move
from data.store.progress import Course, Handled, Stage, courses, publications
from matching.errors import FaultyInput, Refused, Rule
from matching.plan import ROUNDING
from matching.problem import Place, Seeker
from matching.target import Standing
from office.access import Role, User, asked_by
from office.drawing import Progress
from office.drawing_work import Work, Works
from office.groups import Kind
from office.handling import ENOUGH, handling
from office.long_work import LongWork
from office.planning_desk import PlanningDesk
from office.season_groups import Dimension
from office.season_now import living, weeks_of
from office.settings import Settings
from office.suppression import is_small
from tests.office.terminal import run
from tests.store.conftest import empty_database
from tests.store.districts import SEASON, offer, pupil, take_in

PLANNER = User("planung", frozenset({Role.PLANNER}))
SCHOOL = User("schule", frozenset({Role.SCHOOL}), frozenset({"170001"}))

DAY = date(2026, 3, 2)  # a Monday


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlanningDesk]:
    """Nine people who look, and eight places with an opening each that all of them may take."""
    url = empty_database(request, tmp_path)
    desk = PlanningDesk(Settings(data_folder=tmp_path, key=b"", database=url))
    take_in(desk.store, [pupil(n, compulsory_school_done=True) for n in range(1, 10)])
    offer(desk.store, 8)
    yield desk
    desk.close()


def drawn(desk: PlanningDesk) -> int:
    """The number of a plan that was just drawn."""
    desk.start_drawing(by=PLANNER, season=SEASON)
    work = ended(desk)
    assert work.state == "done" and work.kept is not None
    return work.kept.plan


def ended(desk: PlanningDesk) -> Work:
    for _ in range(400):
        work = desk.drawing(by=PLANNER, season=SEASON)
        assert work is not None
        if work.state != "running":
            return work
        time.sleep(0.05)
    pytest.fail("the drawing does not end")


def published(desk: PlanningDesk) -> int:
    plan = drawn(desk)
    desk.publish_plan(plan, by=PLANNER, reason="wöchentlich")
    return plan


def some_pairs(desk: PlanningDesk) -> list[Course]:
    return list(courses(desk.store, SEASON))


def tell(desk: PlanningDesk, course: Course, status: ContactStatus, on: date) -> None:
    record = ContactRecord(2, course.place, status, on, pseudonym=course.pseudonym)
    apply_contacts(desk.store, FileRead("k.csv", "csv", 1, (record,)), "amt", season=SEASON)


# --- the season ----------------------------------------------------------------------------------


def test_the_season_moves_from_planned_to_out_to_placed(desk: PlanningDesk) -> None:
    """What is out is told apart from what is planned, and a contract counts as placed."""
    before = desk.see_season(by=PLANNER, season=SEASON)
    assert (before.plan, before.looking, before.live.counted) == (None, 9, ())
    plan = published(desk)
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert (now.plan, len(now.live.counted), now.live.without) == (plan, 8, 1)
    assert now.own.out == 0 and now.own.planned == pytest.approx(now.own.rate.expected)
    one, two, three, *_ = some_pairs(desk)
    move(desk.store, plan, one.pseudonym, one.place, "sent", "lena", "passt")
    tell(desk, two, ContactStatus.INTERVIEW, datetime.now(UTC).date())
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert now.own.out == pytest.approx((one.chance or 0) + (two.chance or 0))
    assert now.own.out + now.own.planned == pytest.approx(now.own.rate.expected)
    assert now.own.of_out <= now.own.rate.chance_with_model_error
    assert (now.stages[Stage.SENT], now.stages[Stage.INTERVIEW]) == (1, 1)
    move(desk.store, plan, two.pseudonym, two.place, "contract", "lena", "Vertrag")
    tell(desk, three, ContactStatus.DECLINED, datetime.now(UTC).date())
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert (now.own.rate.placed, now.looking) == (1, 8)
    assert (now.live.fallen, now.live.without) == (1, 2)
    assert two.pseudonym not in {course.pseudonym for course in now.live.counted}


def test_whoever_comes_after_the_plan_is_told_apart(desk: PlanningDesk) -> None:
    published(desk)
    pupils = [pupil(n, compulsory_school_done=True) for n in range(1, 12)]
    take_in(desk.store, pupils)
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert (now.live.newcomers, now.looking) == (2, 11)


def test_what_an_earlier_plan_sent_stays_out(desk: PlanningDesk) -> None:
    plan = published(desk)
    one = some_pairs(desk)[0]
    move(desk.store, plan, one.pseudonym, one.place, "sent", "lena", "passt")
    published(desk)
    found = {(c.pseudonym, c.place): c.stage for c in courses(desk.store, SEASON)}
    assert found[one.pseudonym, one.place] is Stage.SENT


def test_small_groups_are_told_together_or_not_at_all(desk: PlanningDesk) -> None:
    take_in(desk.store, [pupil(n, "170002") for n in (1, 2)], "170002")
    now = desk.see_season(by=PLANNER, season=SEASON)
    for groups in now.groups.values():
        assert all(not is_small(group.people) for group in groups)
        assert sum(group.people for group in groups) == now.own.rate.base
    (together,) = now.groups[Dimension.SCHOOL]
    assert (together.kind, together.people, together.members) == (Kind.TOGETHER, 11, 2)
    assert desk.see_group(Dimension.SCHOOL, "170002", by=PLANNER, season=SEASON) == {}


def test_a_group_from_closer_by_is_all_of_it(desk: PlanningDesk) -> None:
    take_in(desk.store, [pupil(n, "170002") for n in range(1, 21)], "170002")
    found = desk.see_group(Dimension.SCHOOL, "170002", by=PLANNER, season=SEASON)
    assert set(found) == {Dimension.MUNICIPALITY, Dimension.OCCUPATION}
    for groups in found.values():
        assert sum(group.people for group in groups) == 20
        assert not any(is_small(group.people) for group in groups)
    (back,) = desk.see_group(Dimension.MUNICIPALITY, "Gütersloh", by=PLANNER, season=SEASON)
    assert back is Dimension.SCHOOL


# --- plans ---------------------------------------------------------------------------------------


def test_no_plan_comes_in_force_without_a_reason(desk: PlanningDesk) -> None:
    plan = drawn(desk)
    with pytest.raises(FaultyInput) as refused:
        desk.publish_plan(plan, by=PLANNER, reason=" \n")
    assert [fault.rule for fault in refused.value.faults] == [Rule.VALUE_MISSING]
    (line,) = desk.plan_history(by=PLANNER, season=SEASON)
    assert (line.status, line.published) == ("draft", ())
    assert desk.publish_plan(plan, by=PLANNER, reason="wöchentlich") is None
    (line,) = desk.plan_history(by=PLANNER, season=SEASON)
    assert line.status == "active"
    assert [(one.by, one.reason) for one in line.published] == [("planung", "wöchentlich")]
    with pytest.raises(FaultyInput):
        desk.publish_plan(plan + 99, by=PLANNER, reason="gibt es nicht")
    assert [one.plan for one in publications(desk.store)] == [plan]


def test_a_plan_can_be_taken_back(desk: PlanningDesk) -> None:
    one = published(desk)
    other = published(desk)
    assert desk.publish_plan(one, by=PLANNER, reason="zurück") == other
    told = {line.plan: line for line in desk.plan_history(by=PLANNER, season=SEASON)}
    assert (told[one].status, told[other].status) == ("active", "replaced")
    assert [why.reason for why in told[one].published] == ["zurück", "wöchentlich"]


def test_what_changes_between_two_plans_is_counted(desk: PlanningDesk) -> None:
    """Six people and places more: each is told, and everybody is somewhere."""
    one = published(desk)
    take_in(desk.store, [pupil(n, compulsory_school_done=True) for n in range(1, 16)])
    offer(desk.store, 14)
    other = drawn(desk)
    told = desk.plan_changes(one, other, by=PLANNER)
    assert (told.came, told.left, told.places_came, told.places_left) == (6, 0, 6, 0)
    assert (told.before.proposals, told.after.proposals) == (8, 14)
    counts = (told.kept, told.moved, told.placed_new, told.placed_lost)
    if None not in counts:
        kept, moved, new, lost = (one or 0 for one in counts)
        assert (kept + moved + new, kept + moved + lost) == (14, 8)
    assert told.after.expected > told.before.expected
    same = desk.plan_changes(one, one, by=PLANNER)
    assert (same.kept, same.moved, same.out_dropped) == (8, 0, 0)


def test_what_changes_for_a_few_people_is_not_told(desk: PlanningDesk) -> None:
    """A person and a place more: that one came is not told, nor who of few moved."""
    one = published(desk)
    pair = some_pairs(desk)[0]
    move(desk.store, one, pair.pseudonym, pair.place, "sent", "lena", "passt")
    take_in(desk.store, [pupil(n, compulsory_school_done=True) for n in range(1, 11)])
    offer(desk.store, 9)
    told = desk.plan_changes(one, drawn(desk), by=PLANNER)
    assert (told.came, told.left, told.places_came) == (None, None, 1)
    assert told.moved is told.placed_new is told.placed_lost is None
    assert told.out_dropped in {0, None}


def test_a_kept_plan_tells_its_reasons_and_its_proof(desk: PlanningDesk) -> None:
    plan = published(desk)
    told = desk.see_reasons(plan, by=PLANNER)
    (line,) = desk.plan_history(by=PLANNER, season=SEASON)
    assert (told.proposals, told.expected) == (line.proposals, line.expected)
    assert len(told.without) == 1 and told.proof.gap < ROUNDING
    assert desk.has_reasons(plan, by=PLANNER)
    assert told.worth.of_openings + told.worth.of_people == pytest.approx(told.worth.bound)
    assert sum(one.people for one in told.worth.people) in {0, 9}


def test_reasons_are_gathered_behind_the_page(desk: PlanningDesk) -> None:
    plan = published(desk)
    assert not desk.has_reasons(plan, by=PLANNER)
    work: LongWork[None] | None = desk.gather_reasons(plan, by=PLANNER)
    for _ in range(400):
        work = desk.reasons_work(plan, by=PLANNER)
        if work is None or work.state != "running":
            break
        time.sleep(0.05)
    assert work is not None and work.state == "done" and desk.has_reasons(plan, by=PLANNER)
    desk.stop_reasons(plan, by=PLANNER)


def test_the_report_counts_only_what_still_counts(desk: PlanningDesk) -> None:
    plan = published(desk)
    one = some_pairs(desk)[0]

    def expected() -> float:
        file = BytesIO(desk.committee_report(plan, PLANNER, "xlsx", "de", "Amt", "Kreis"))
        rows = CalamineWorkbook.from_object(file).get_sheet_by_index(0).to_python()
        return next(float(str(row[1])) for row in rows if row[0] == "Vom Plan erwartet")

    before = expected()
    tell(desk, one, ContactStatus.DECLINED, datetime.now(UTC).date())
    assert expected() == pytest.approx(before - (one.chance or 0), abs=0.11)
    assert desk.committee_report(plan, PLANNER, "pdf", "de", "A", "K").startswith(b"%PDF")


def test_the_report_holds_with_what_the_season_shows(desk: PlanningDesk) -> None:
    """What another plan sent out counts too: groups and definitions count it already."""
    older = drawn(desk)
    take_in(desk.store, [pupil(n, compulsory_school_done=True) for n in range(1, 11)])
    offer(desk.store, 10)
    newer = published(desk)
    for one in some_pairs(desk):
        move(desk.store, newer, one.pseudonym, one.place, "sent", "lena", "passt")
    desk.publish_plan(older, by=PLANNER, reason="doch die vorige")
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert len(now.live.counted) == 10
    file = BytesIO(desk.committee_report(older, PLANNER, "xlsx", "de", "Amt", "Kreis"))
    rows = CalamineWorkbook.from_object(file).get_sheet_by_index(0).to_python()
    expected = next(float(str(row[1])) for row in rows if row[0] == "Vom Plan erwartet")
    assert expected == pytest.approx(now.own.rate.expected, abs=0.051)


def test_no_report_on_a_plan_that_is_not_in_force(desk: PlanningDesk) -> None:
    """Its head would be of one plan, its groups of another."""
    before = published(desk)
    published(desk)
    with pytest.raises(FaultyInput) as refused:
        desk.committee_report(before, PLANNER, "pdf", "de", "Amt", "Kreis")
    assert [fault.rule for fault in refused.value.faults] == [Rule.CHANGED_SINCE]


# --- rights --------------------------------------------------------------------------------------


def test_a_school_may_ask_for_none_of_it(desk: PlanningDesk) -> None:
    mine = [name for name in vars(PlanningDesk) if not name.startswith("_")]
    assert len(mine) >= 12
    assert all(asked_by(getattr(PlanningDesk, name)) is not None for name in mine)
    for ask in (
        lambda: desk.see_season(by=SCHOOL, season=SEASON),
        lambda: desk.see_handling(by=SCHOOL, season=SEASON),
        lambda: desk.start_drawing(by=SCHOOL, season=SEASON),
        lambda: desk.publish_plan(1, by=SCHOOL, reason="x"),
        lambda: desk.committee_report(1, SCHOOL, "pdf", "de", "A", "K"),
    ):
        with pytest.raises(Refused):
            ask()


# --- drawing while others look -------------------------------------------------------------------


def test_a_drawing_is_stopped_between_two_steps_and_keeps_nothing() -> None:
    works, stepped = Works(), Event()

    def draw(progress: Progress) -> Any:
        progress("read", 0)
        stepped.set()
        for _ in range(2_000):
            time.sleep(0.005)
            progress("reach", 1)
        pytest.fail("it was never stopped")

    key = ("store", SEASON)
    works.start(key, "anna", 10, draw)
    stepped.wait(5)
    assert works.start(key, "otto", 10, draw).by == "anna"
    works.stop(key)
    for _ in range(200):
        work = works.look(key)
        if work is not None and work.state != "running":
            break
        time.sleep(0.02)
    assert work is not None and (work.state, work.kept, work.part) == ("stopped", None, 1.0)
    works.forget(key)
    assert works.look(key) is None


def _ended_of(works: Works, key: tuple[str, str]) -> Work:
    for _ in range(400):
        work = works.look(key)
        if work is not None and work.state != "running":
            return work
        time.sleep(0.02)
    pytest.fail("it was never stopped")


def test_a_step_that_takes_long_is_broken_off() -> None:
    """With many people one step takes a minute, and tells of nothing meanwhile."""
    works, stepped, key = Works(), Event(), ("store", SEASON)

    def draw(progress: Progress) -> Any:
        progress("reach", 1)
        stepped.set()
        for _ in range(6_000):
            time.sleep(0.005)
        pytest.fail("it was never stopped")

    works.start(key, "anna", 10, draw)
    stepped.wait(5)
    works.stop(key)
    works.stop(key)
    assert _ended_of(works, key).state == "stopped"


def test_what_is_being_kept_is_never_broken_off() -> None:
    """Half a plan in the store would be worse than one that nobody wants any more."""
    works, stepped, key = Works(), Event(), ("store", SEASON)

    def draw(progress: Progress) -> Any:
        progress("keep", 0)
        stepped.set()
        for _ in range(50):
            time.sleep(0.005)
        return "kept"

    works.start(key, "anna", 10, draw)
    stepped.wait(5)
    works.stop(key)
    work = _ended_of(works, key)
    assert work.state == "done" and str(work.kept) == "kept"


def test_a_drawing_that_is_stopped_leaves_nothing_in_the_store(
    desk: PlanningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped = Event()

    def slow(*_: object, **__: object) -> None:
        stepped.set()
        for _each in range(6_000):
            time.sleep(0.005)

    monkeypatch.setattr("office.drawing.find_candidates", slow)
    desk.start_drawing(by=PLANNER, season=SEASON)
    assert stepped.wait(20)
    desk.stop_drawing(by=PLANNER, season=SEASON)
    assert ended(desk).state == "stopped"
    assert desk.plan_history(by=PLANNER, season=SEASON) == ()
    assert desk.runs(by=PLANNER, season=SEASON) == ()


# --- laws ----------------------------------------------------------------------------------------

_PAIRS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 4),
        st.sampled_from([Stage.PROPOSED, Stage.SENT, Stage.INTERVIEW, Stage.DECLINED]),
        st.floats(0.01, 1),
        st.booleans(),
    ),
    unique_by=lambda one: one[:2],
)


@given(_PAIRS, st.lists(st.integers(0, 2), min_size=5, max_size=5), st.sets(st.integers(0, 7)))
def test_nobody_counts_twice_and_no_opening_is_given_twice(
    pairs: list[tuple[int, int, Stage, float, bool]], openings: list[int], gone: set[int]
) -> None:
    seekers = [
        Seeker(str(n), standing=Standing.OWN_FIND if n in gone else Standing.LOOKING)
        for n in range(8)
    ]
    places = [Place(str(n), count) for n, count in enumerate(openings)]
    given_ = [Course(str(who), str(at), stage, DAY, chance, planned)
              for who, at, stage, chance, planned in pairs]  # fmt: skip
    live = living(seekers, places, given_, None)
    people = [one.pseudonym for one in live.counted]
    assert len(people) == len(set(people)) and not {int(who) for who in people} & gone
    for place in places:
        assert sum(one.place == place.id for one in live.counted) <= place.openings
    assert all(one.stage is not Stage.DECLINED for one in live.counted)
    assert live.without == 8 - len(gone) - len(people)


@given(st.lists(st.none() | st.integers(0, 70).map(lambda n: DAY + timedelta(days=n)), max_size=40))
def test_no_week_tells_of_fewer_than_five(days: list[date | None]) -> None:
    told = weeks_of(days, DAY + timedelta(days=80))
    assert all(not is_small(one.started) for one in told)
    assert sum(one.started for one in told) == (0 if len(days) < 5 else len(days))
    assert [one.total for one in told] == sorted(one.total for one in told)
    assert all(one.until < after.until for one, after in pairwise(told))


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.booleans()), max_size=60))
def test_handling_tells_of_nobody_alone(rows: list[tuple[int, str, bool]]) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    decided = [
        Handled(f"{school}{who}", school, "lena", start + timedelta(seconds=20 * n), changed)
        for n, (who, school, changed) in enumerate(rows)
    ]
    told = handling(decided)
    for one in told:
        assert one.people >= 5
        if one.unchanged is not None:
            assert not is_small(one.unchanged) and not is_small(one.people - one.unchanged)
    if told:
        assert sum(one.people for one in told[1:]) in {0, told[0].people}


def test_nodding_through_is_noticed() -> None:
    """Twenty proposals sent within ten minutes, none changed; with two rulings it passes."""
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    decided = [
        Handled(f"p{n}", "170001", "lena", start + timedelta(seconds=30 * n), changed=False)
        for n in range(ENOUGH)
    ]
    (whole, school) = handling(decided, {"170001": "Erfundene Schule"})
    assert (whole.people, whole.unchanged, whole.nods, whole.hurries) == (20, 20, True, True)
    assert (whole.seconds, school.school) == (30.0, "Erfundene Schule")
    slow = [
        Handled(one.pseudonym, one.school, one.by, start + timedelta(minutes=5 * n), n < 2)
        for n, one in enumerate(decided)
    ]
    whole = handling(slow)[0]
    assert (whole.unchanged, whole.nods, whole.hurries) == (None, False, False)


# --- the map -------------------------------------------------------------------------------------


def _official(folder: Path) -> Path:
    """A file of boundaries, invented: a square for each municipality of the district."""
    features = [
        {
            "type": "Feature",
            "properties": {"AGS": one["properties"]["ags"], "GEN": "wie auch immer"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 51.8], [x, 51.9], [x + 0.05, 51.9], [x, 51.8]]],
            },
        }
        for at, one in enumerate(municipality_shapes()["features"])
        for x in [8.0 + at / 20]
    ]
    file = folder / "grenzen.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def test_official_boundaries_are_imported_and_drawn(
    desk: PlanningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    assert desk.see_season(by=PLANNER, season=SEASON).schematic
    answer = run("shapes", "import", _official(tmp_path), language="de")
    assert (answer.code, answer.out.strip()) == (0, "13 Gemeinden übernommen.")
    now = desk.see_season(by=PLANNER, season=SEASON)
    assert not now.schematic and now.shapes[0]["geometry"]["type"] == "MultiPolygon"


@pytest.mark.parametrize("text", ["", "{}", '{"features": [{}]}', "[" * 100_000, '{"features": 3}'])
def test_a_bad_file_of_boundaries_is_refused_and_changes_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path / "kept"))
    file = tmp_path / "grenzen.geojson"
    file.write_text(text)
    answer = run("shapes", "import", file, language="de")
    assert answer.code == 2 and "Traceback" not in answer.err
    assert not (tmp_path / "kept" / FILE).exists()
    assert run("shapes", "import", tmp_path / "none", language="de").code == 2
