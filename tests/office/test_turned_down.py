"""Is nobody sent again where they were declined, until that answer is corrected?

The law first, on whatever is told in whatever order; then what a counselor meets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.intake.records import ContactStatus
from data.store.progress import handled
from data.store.season_mark import season_mark
from data.store.turned_down import turned_down
from matching.errors import FaultyInput, Rule
from matching.problem import Bond
from matching.reasons import NoProposal, NotProposed
from office.access import Role, User
from office.counseling_desk import Answer
from office.desk import Desk
from office.settings import Settings
from tests.store.conftest import empty_database
from tests.store.districts import ONE, OTHER, SEASON, name_of, offer, pseudonyms_of, pupil, take_in

LENA = User("lena", frozenset({Role.COUNSELOR}))
PLAN = User("paul", frozenset({Role.PLANNER}))
TODAY = date.today()
PLACES = tuple(f"{SEASON}:csv:p{n}" for n in (1, 2, 3))
ENDS = (ContactStatus.DECLINED, ContactStatus.WITHDRAWN)


def opened(url: str, folder: Path) -> Desk:
    """Two people and three places that both may take; a plan in force."""
    made = Desk(Settings(data_folder=folder, key=b"", database=url))
    take_in(made.store, [pupil(n, compulsory_school_done=True) for n in (1, 2)])
    offer(made.store, 3)
    made.publish_plan(made.draw_season(PLAN, SEASON).plan, PLAN, "Probe")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made = opened(empty_database(request, tmp_path), tmp_path / "data")
    yield made
    made.close()


def who(desk: Desk, number: int = 1, school: str = ONE) -> str:
    return pseudonyms_of(desk.store)[name_of(school, number)]


def drawn(desk: Desk) -> set[tuple[str, str]]:
    """The pairs of a plan drawn now, which is put in force."""
    kept = desk.draw_season(PLAN, SEASON)
    desk.publish_plan(kept.plan, PLAN, "Probe")
    return {(one.pseudonym, one.place) for one in desk.show_plan(kept.plan, PLAN)[1]}


answers = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from([one for one in ContactStatus if one is not ContactStatus.SENT]),
    st.integers(0, 2),
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=st.lists(st.one_of(answers, st.sampled_from(["undo", "draw"])), max_size=6))
def test_no_plan_holds_what_was_turned_down_whatever_was_told_and_taken_back(
    told: list[tuple[str, ContactStatus, int] | str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("told")
    desk = opened(f"sqlite:///{folder / 'store.db'}", folder)
    one = who(desk)
    said: list[tuple[str, ContactStatus, int]] = []
    for step in told:
        if step == "draw":
            drawn(desk)
        elif step == "undo" and said:
            desk.undo_contact(one, LENA, SEASON)
            said.pop()
        elif not isinstance(step, str) and step not in said:
            place, status, ago = step
            day = TODAY - timedelta(days=ago)
            desk.record_contact(one, Answer(place, status, day), LENA, SEASON)
            said.append(step)
    last: dict[str, ContactStatus] = {}
    for place, status, _ in sorted(said, key=lambda answer: -answer[2]):
        if status is not ContactStatus.UNKNOWN:
            last[place] = status
    over = {(one, place) for place, status in last.items() if status in ENDS}
    assert turned_down(desk.store, SEASON) == over
    assert not over & drawn(desk)
    for _ in range(len(said)):
        desk.undo_contact(one, LENA, SEASON)
    assert turned_down(desk.store, SEASON) == frozenset()
    desk.close()


def test_a_declined_place_comes_back_once_the_answer_is_corrected(desk: Desk) -> None:
    """Of three equal places two are declined: only the third is left; then all three again."""
    one = who(desk)
    before = season_mark(desk.store, SEASON)
    for place in PLACES[:2]:
        desk.record_contact(one, Answer(place, ContactStatus.DECLINED, TODAY), LENA, SEASON)
    assert season_mark(desk.store, SEASON) != before
    assert {pair for pair in drawn(desk) if pair[0] == one} == {(one, PLACES[2])}
    desk.undo_contact(one, LENA, SEASON)
    assert turned_down(desk.store, SEASON) == {(one, PLACES[0])}
    desk.record_contact(one, Answer(PLACES[0], ContactStatus.INTERVIEW, TODAY), LENA, SEASON)
    assert turned_down(desk.store, SEASON) == frozenset()


def test_whoever_declined_everything_is_told_so(desk: Desk) -> None:
    one = who(desk)
    for place in PLACES:
        desk.record_contact(one, Answer(place, ContactStatus.WITHDRAWN, TODAY), LENA, SEASON)
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None and page.without is not None
    assert page.without.reason is NoProposal.BANNED
    assert all(option.turned_down and option.ruled is None for option in page.options)
    assert {option.why_not and option.why_not.reason for option in page.options} == {
        NotProposed.TURNED_DOWN
    }
    assert page.by_wish == ()


def test_a_pin_rests_once_its_place_was_turned_down(desk: Desk) -> None:
    """It must neither come back nor stop everybody's plan; and nobody settles on it anew."""
    one = who(desk)
    number = desk.decide(one, PLACES[0], Bond.PIN, LENA, "Wunsch", SEASON)
    desk.record_contact(one, Answer(PLACES[0], ContactStatus.DECLINED, TODAY), LENA, SEASON)
    kept = desk.draw_season(PLAN, SEASON)
    assert (kept.bound, [each.id for each in kept.rested]) == ((), [number])
    with pytest.raises(FaultyInput) as refusal:
        desk.decide(one, PLACES[0], Bond.PIN, LENA, "doch", SEASON)
    assert refusal.value.faults[0].rule is Rule.TURNED_DOWN
    with pytest.raises(FaultyInput) as refusal:
        desk.rule_pair(one, PLACES[0], Bond.PIN, LENA, "doch", SEASON)
    assert refusal.value.faults[0].rule is Rule.TURNED_DOWN


def test_a_pin_of_a_list_is_refused_where_the_place_was_turned_down(
    desk: Desk, tmp_path: Path
) -> None:
    one = who(desk)
    desk.record_contact(one, Answer(PLACES[0], ContactStatus.DECLINED, TODAY), LENA, SEASON)
    pins = tmp_path / "pins.csv"
    pins.write_text(f"seeker,place\n{one},{PLACES[0]}\n")
    with pytest.raises(FaultyInput) as refusal:
        desk.draw_season(PLAN, SEASON, pins=pins)
    assert [(one.rule, one.row) for one in refusal.value.faults] == [(Rule.TURNED_DOWN, 2)]


def test_a_joined_record_s_refusal_is_the_person_s(desk: Desk) -> None:
    take_in(desk.store, [pupil(1, OTHER, compulsory_school_done=True)], OTHER)
    one, other = sorted((who(desk), who(desk, 1, OTHER)))
    desk.record_contact(other, Answer(PLACES[0], ContactStatus.DECLINED, TODAY), LENA, SEASON)
    assert turned_down(desk.store, SEASON) == {(other, PLACES[0])}
    from sqlalchemy import insert  # noqa: PLC0415 - only here is a joining written by hand

    from data.store.tables import merges  # noqa: PLC0415
    from tests.store.districts import now  # noqa: PLC0415

    with desk.store.transaction() as connection:
        told = {"rule": "r", "at": now(), "by": "amt"}
        connection.execute(insert(merges).values(merged=other, kept=one, **told))
    assert turned_down(desk.store, SEASON) == {(one, PLACES[0])}


def test_a_withdrawn_basis_turns_no_place_down(desk: Desk) -> None:
    """Who comes back with a new consent may be proposed the same place again."""
    desk.withdraw_person(who(desk), User.operator("eltern"))
    assert turned_down(desk.store, SEASON) == frozenset()


def test_whoever_objects_is_looked_after_by_people_alone(desk: Desk) -> None:
    """They stay in the lists and in every count; nothing is proposed or estimated by a program."""
    one, two = who(desk), who(desk, 2)
    desk.object_to_matching(one, LENA, season=SEASON)
    assert desk.person(one, LENA, SEASON).objected_on == TODAY
    offered = desk.person(one, LENA, SEASON).offered
    assert offered is not None and offered.status == "withdrawn"
    kept = desk.draw_season(PLAN, SEASON)
    problem = kept.drawn.problem
    assert {seeker.id for seeker in problem.seekers} == {one, two}
    assert set(problem.candidates.seeker.tolist()) == {problem.seeker_number[two]}
    assert [(u.seeker, u.reason) for u in kept.drawn.unplaced] == [(one, NoProposal.BY_HAND)]
    told = desk.see_reasons(kept.plan, PLAN).without
    assert [group.reason for group in told] == [NoProposal.BY_HAND]
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None and page.by_hand and not page.scoring
    assert len(page.options) == 3 and all(option.chance is None for option in page.options)
    desk.decide(one, PLACES[2], Bond.PIN, LENA, "zusammen gefunden", SEASON)
    desk.propose(one, PLACES[2], LENA, "zusammen gefunden", season=SEASON)
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None
    assert {option.place for option in page.options if option.ruled} == {PLACES[2]}
    desk.take_objection_back(one, LENA, SEASON)
    assert desk.person(one, LENA, SEASON).objected_on is None
    assert one in {seeker for seeker, _ in drawn(desk)}


def test_a_draft_drawn_before_an_objection_proposes_nothing_once_in_force(desk: Desk) -> None:
    kept = desk.draw_season(PLAN, SEASON)
    one = who(desk)
    desk.object_to_matching(one, LENA, season=SEASON)
    desk.publish_plan(kept.plan, PLAN, "Probe")
    offered = desk.person(one, LENA, SEASON).offered
    assert offered is not None and offered.status == "withdrawn"


def test_what_was_sent_and_taken_back_was_never_decided(desk: Desk) -> None:
    """Nor is a proposal sent once more where only the answer after it was taken back."""
    (one,) = [pair for pair in desk.show_plan(1, PLAN)[1] if pair.pseudonym == who(desk)]

    def sent() -> list[str]:
        return [step.pseudonym for step in handled(desk.store, SEASON)]

    desk.propose(one.pseudonym, one.place, LENA, "passt", TODAY - timedelta(days=1), SEASON)
    assert sent() == [one.pseudonym]
    answer = Answer(one.place, ContactStatus.CONTRACT, TODAY)
    desk.record_contact(one.pseudonym, answer, LENA, SEASON)
    desk.undo_contact(one.pseudonym, LENA, SEASON)
    assert sent() == [one.pseudonym]
    desk.undo_contact(one.pseudonym, LENA, SEASON)
    assert sent() == []
