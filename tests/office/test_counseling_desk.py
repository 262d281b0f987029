"""Does a counselor reach their own people alone, and is what they decide and write down kept true?

On both databases: a work list and its undoing must not depend on where the people are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, insert, select, update

from data.intake.records import ContactStatus, Decliner, DeclineReason
from data.reference.occupations import title_of
from data.store.audit import verify
from data.store.cases import change_case
from data.store.opening import Store
from data.store.people import seekers, withdraw
from data.store.person_file import person_file
from data.store.plans import history
from data.store.progress import courses, starts
from data.store.season_mark import season_mark
from data.store.tables import audit, merges, outcomes, people
from matching.errors import FaultyInput, Refused, Rule
from matching.problem import Bond
from matching.target import Standing
from office import cases_desk, counseling_desk
from office.access import Role, User
from office.counseling_desk import Answer, Asked, Scores, Sender, Stage, Whose
from office.counseling_papers import _nearest, letter_of
from office.desk import Desk
from office.season_picture import PICTURES
from office.settings import Settings
from tests.store.conftest import empty_database
from tests.store.districts import (
    ONE,
    OTHER,
    SEASON,
    cases_of,
    name_of,
    offer,
    pseudonyms_of,
    pupil,
    take_in,
)

LENA = User("lena", frozenset({Role.COUNSELOR}))
KARL = User("karl", frozenset({Role.COUNSELOR}))
PLAN = User("paul", frozenset({Role.PLANNER}))
TODAY = date.today()
SENDER = Sender("Übergang", "Weg 1", "33330 Gütersloh", "05241 0", "rat@example.org")


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Three people of one school and one of another; two places; a plan in force; Lena has one."""
    url = empty_database(request, tmp_path)
    made = Desk(Settings(data_folder=tmp_path / "data", key=b"", database=url))
    take_in(made.store, [pupil(n, compulsory_school_done=True) for n in (1, 2, 3)])
    take_in(made.store, [pupil(4, OTHER, compulsory_school_done=True)], OTHER)
    offer(made.store, 2)
    kept = made.draw_season(PLAN, SEASON)
    made.publish_plan(kept.plan, PLAN, "geprüft")
    yield made
    made.close()


def who(desk: Desk, number: int = 1, school: str = ONE) -> str:
    return pseudonyms_of(desk.store)[name_of(school, number)]


def listed(desk: Desk, by: User = LENA, **asked: object) -> dict[str, Stage]:
    """Everybody of the work list, by surname, with their stage."""
    told = {"whose": Whose.BOTH} | asked
    page = desk.caseload(by, Asked(**told), season=SEASON)  # type: ignore[arg-type]
    return {line.name.split(",")[0]: line.stage for line in page.lines}


def proposed(desk: Desk) -> tuple[str, str]:
    """Somebody to whom the plan proposes a place, and the place."""
    for surname, pseudonym in sorted(pseudonyms_of(desk.store).items()):
        offered = person_file(desk.store, SEASON, pseudonym).offered
        if surname and offered is not None:
            return pseudonym, offered.place
    raise AssertionError("nobody has a proposal")


def status_of(desk: Desk, pseudonym: str) -> str | None:
    offered = person_file(desk.store, SEASON, pseudonym).offered
    return None if offered is None else offered.status


def test_nobodys_people_are_everybodys_until_they_are_taken(desk: Desk) -> None:
    one = who(desk)
    assert len(listed(desk)) == len(listed(desk, KARL)) == 4
    desk.take_case(one, LENA, SEASON)
    assert name_of(ONE, 1) in listed(desk, whose=Whose.MINE)
    assert name_of(ONE, 1) not in listed(desk, KARL)
    for ask in (
        lambda: desk.person(one, KARL, SEASON),
        lambda: desk.sheet(one, KARL, SEASON),
        lambda: desk.take_case(one, KARL, SEASON),
        lambda: desk.decide(one, "x", Bond.BAN, KARL, "warum", SEASON),
        lambda: desk.undo_contact(one, KARL, SEASON),
        lambda: desk.letter(one, KARL, "de", season=SEASON),
    ):
        with pytest.raises(Refused):
            ask()
    desk.give_case_back(one, LENA, SEASON)
    assert name_of(ONE, 1) in listed(desk, KARL)


def test_a_planner_hands_over_without_seeing_names(desk: Desk) -> None:
    desk.take_case(who(desk), LENA, SEASON)
    assert cases_of(desk.store) == {"lena": 1, None: 3}
    with pytest.raises(FaultyInput):
        desk.hand_over_cases("lena", "nobody", PLAN, SEASON)
    assert desk.hand_over_cases("lena", None, PLAN, SEASON) == 1
    for refused in (
        lambda: desk.caseload(PLAN, Asked(), season=SEASON),
        lambda: desk.person(who(desk), PLAN, SEASON),
        lambda: desk.hand_over_cases("lena", None, LENA, SEASON),
    ):
        with pytest.raises(Refused):
            refused()


def test_the_stage_follows_what_happened(desk: Desk) -> None:
    one, place = proposed(desk)

    def now() -> Stage:
        page = desk.caseload(LENA, Asked(Whose.BOTH), season=SEASON)
        return next(line.stage for line in page.lines if line.pseudonym == one)

    assert now() is Stage.TO_HANDLE
    desk.propose(one, place, LENA, "passt", season=SEASON)
    assert now() is Stage.WAITING
    desk.contact_again(one, TODAY, LENA, SEASON)
    assert now() is Stage.AGAIN
    later = TODAY + timedelta(days=1)
    desk.contact_again(one, later, LENA, SEASON, before=TODAY)
    assert now() is Stage.WAITING
    desk.contact_again(one, None, LENA, SEASON, before=later)
    declined = Answer(
        place, ContactStatus.DECLINED, TODAY + timedelta(1), Decliner.EMPLOYER, DeclineReason.FILLED
    )
    desk.record_contact(one, declined, LENA, SEASON)
    assert now() is Stage.TO_HANDLE
    desk.undo_contact(one, LENA, SEASON)
    desk.record_contact(one, Answer(place, ContactStatus.CONTRACT, TODAY), LENA, SEASON)
    assert now() is Stage.DONE


def test_the_list_is_searched_filtered_counted_and_paged(desk: Desk) -> None:
    assert set(listed(desk, words=name_of(OTHER, 4)[:6].upper())) == {name_of(OTHER, 4)}
    assert listed(desk, words="%") == listed(desk, words="\\") == {}
    assert set(listed(desk, school=OTHER)) == {name_of(OTHER, 4)}
    page = desk.caseload(LENA, Asked(Whose.BOTH, Stage.TO_HANDLE), season=SEASON)
    assert (page.total, dict(page.counts)) == (4, {Stage.TO_HANDLE: 4})
    assert desk.caseload(LENA, Asked(Whose.BOTH), 1, SEASON).lines == ()
    assert list(desk.schools_of_season(LENA, SEASON)) == [ONE, OTHER]


def test_a_person_of_two_lists_is_shown_once(desk: Desk) -> None:
    """Under the pseudonym that stands for them; and still, where the other list is of the past."""
    one, other = who(desk), who(desk, 4, OTHER)
    with desk.store.transaction() as connection:
        told = {"rule": "r", "at": datetime.now(UTC), "by": "amt"}
        connection.execute(insert(merges).values(merged=other, kept=one, **told))
    assert len(listed(desk)) == 3 and name_of(OTHER, 4) not in listed(desk)
    desk.take_case(other, LENA, SEASON)
    assert set(listed(desk, whose=Whose.MINE)) == {name_of(ONE, 1)}
    assert cases_of(desk.store) == {"lena": 1, None: 2}
    with desk.store.transaction() as connection:
        gone = people.c.pseudonym == one
        connection.execute(update(people).where(gone).values(present=False))
    (line,) = desk.caseload(LENA, Asked(Whose.MINE), season=SEASON).lines
    assert (line.pseudonym, line.name.split(",")[0]) == (one, name_of(OTHER, 4))


def test_whoever_withdrew_is_in_no_list_and_gets_nothing(desk: Desk) -> None:
    one, place = proposed(desk)
    withdraw(desk.store, one, "amt")
    assert len(listed(desk)) == 3
    assert desk.sheet(one, LENA, SEASON) is None
    with pytest.raises(FaultyInput) as refusal:
        desk.propose(one, place, LENA, "passt", season=SEASON)
    assert refusal.value.faults[0].rule is Rule.BASIS_MISSING


def test_names_are_logged_once_a_session(desk: Desk) -> None:
    for _ in range(3):
        listed(desk)
        desk.person(who(desk), LENA, SEASON)
    with desk.store.reading() as connection:
        shown = select(func.count()).where(audit.c.action == "show.names.counseling")
        assert connection.scalar(shown) == 1
    assert verify(desk.store) is None


def test_names_of_whom_a_firm_may_expect_are_logged_as_well(desk: Desk) -> None:
    """Whoever looks at no other page shows them, too; a firm without people shows none."""
    one, place = proposed(desk)
    desk.take_case(one, LENA, SEASON)
    desk.propose(one, place, LENA, "passt", season=SEASON)

    def shown() -> list[str]:
        named = select(audit.c.actor).where(audit.c.action == "show.names.counseling")
        with desk.store.reading() as connection:
            return list(connection.scalars(named))

    assert desk.introduced("Anders GmbH", LENA, SEASON) == () and shown() == []
    for _ in range(3):
        ((_, _, shown_one),) = desk.introduced("Erfunden GmbH", LENA, SEASON)
        assert shown_one.pseudonym == one
    assert shown() == ["lena"]
    assert verify(desk.store) is None


def test_chances_come_after_the_own_judgement_or_never(desk: Desk) -> None:
    """The law: while scoring is off or nothing is judged, no chance is on the sheet."""
    one = who(desk)

    def chances() -> int:
        page = desk.sheet(one, LENA, SEASON)
        assert page is not None and page.options
        return sum(option.chance is not None for option in page.options)

    assert desk.scores(LENA) is Scores.AFTER and chances() == 0
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None
    desk.judge(one, page.options[0].place, 2, LENA, SEASON)
    assert dict(desk.judgements(one, LENA, SEASON)) == {page.options[0].place: 2}
    assert chances() == len(page.options)
    desk.set_scores(Scores.OFF, LENA)
    assert chances() == 0
    desk.set_scores(Scores.SHOWN, LENA)
    assert chances() == len(page.options)
    with pytest.raises(FaultyInput):
        desk.judge(one, page.options[0].place, 5, LENA, SEASON)


def test_the_price_of_a_decision_is_what_comes_of_it(desk: Desk) -> None:
    """Before saving: exact cost and who moves. After: the picture is the one that was priced."""
    one, place = proposed(desk)
    cost = desk.cost_of(one, place, Bond.BAN, LENA, SEASON)
    number = desk.decide(one, place, Bond.BAN, LENA, "will nicht dorthin", SEASON)
    (ruling,) = desk.rulings_about(one, LENA, SEASON)
    assert (ruling.id, ruling.bond, ruling.holds) == (number, Bond.BAN, True)
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None
    at = None if page.proposal is None else page.proposal.place
    assert at == cost.own.place_after != place
    # The plan drawn anew from the store reaches what was priced.
    kept = desk.draw_season(PLAN, SEASON)
    drawn = kept.drawn.steered.chosen.verdict
    assert drawn.expected == pytest.approx(cost.after.chosen.verdict.expected)
    desk.decide(one, place, None, LENA, "doch", SEASON)
    assert not any(one.holds for one in desk.rulings_about(one, LENA, SEASON))
    page = desk.sheet(one, LENA, SEASON)
    assert page is not None and not any(option.ruled for option in page.options)


def test_a_decision_needs_a_reason_and_a_place_that_is_there(desk: Desk) -> None:
    one, place = proposed(desk)
    for given, reason, rule in (
        (place, " ", Rule.VALUE_MISSING),
        ("nowhere", "warum", Rule.PLACE_UNKNOWN),
    ):
        with pytest.raises(FaultyInput) as refusal:
            desk.decide(one, given, Bond.PIN, LENA, reason, SEASON)
        assert refusal.value.faults[0].rule is rule
    assert desk.rulings_about(one, LENA, SEASON) == ()


def test_a_proposal_goes_out_by_a_person_with_a_reason_and_comes_back(desk: Desk) -> None:
    one, place = proposed(desk)
    with pytest.raises(FaultyInput) as refusal:
        desk.propose(one, place, LENA, "  ", season=SEASON)
    assert refusal.value.faults[0].rule is Rule.VALUE_MISSING
    desk.propose(one, place, LENA, "passt gut", season=SEASON)
    offered = person_file(desk.store, SEASON, one).offered
    assert offered is not None and offered.status == "sent"
    last = history(desk.store, offered.plan, one, place)[-1]
    assert (last.status, last.by, last.reason) == ("sent", "lena", "passt gut")
    with pytest.raises(FaultyInput) as refusal:
        desk.propose(one, place, LENA, "noch einmal", season=SEASON)
    assert refusal.value.faults[0].rule is Rule.PAIR_TWICE
    desk.undo_contact(one, LENA, SEASON)
    assert status_of(desk, one) == "proposed"
    with pytest.raises(FaultyInput):
        desk.undo_contact(one, LENA, SEASON)


def test_only_what_somebody_stands_behind_is_sent(desk: Desk) -> None:
    """Another place than the plan's takes a ruling first."""
    one, place = proposed(desk)
    other = next(p for p in ("p1", "p2") if not place.endswith(p))
    key = place[: -len("p1")] + other
    with pytest.raises(FaultyInput) as refusal:
        desk.propose(one, key, LENA, "passt", season=SEASON)
    assert refusal.value.faults[0].rule is Rule.PROPOSAL_UNKNOWN
    with pytest.raises(FaultyInput):
        desk.record_contact(one, Answer(key, ContactStatus.SENT, TODAY), LENA, SEASON)
    desk.decide(one, key, Bond.PIN, LENA, "ihr Wunsch", SEASON)
    desk.propose(one, key, LENA, "ihr Wunsch", season=SEASON)
    assert desk.person(one, LENA, SEASON).contacts[0].status is ContactStatus.SENT
    assert status_of(desk, one) == "proposed"


def test_started_is_an_outcome_until_it_is_taken_back(desk: Desk) -> None:
    one, place = proposed(desk)

    def standing() -> Standing:
        return next(s.standing for s in seekers(desk.store, SEASON) if s.id == one)

    before = season_mark(desk.store, SEASON)
    for status in (ContactStatus.APPLIED, ContactStatus.INTERVIEW):
        desk.record_contact(one, Answer(place, status, TODAY), LENA, SEASON)
    assert (season_mark(desk.store, SEASON), status_of(desk, one)) == (before, "accepted")
    desk.record_contact(one, Answer(place, ContactStatus.STARTED, TODAY), LENA, SEASON)
    assert (standing(), status_of(desk, one)) == (Standing.STARTED, "started")
    assert season_mark(desk.store, SEASON) != before
    desk.undo_contact(one, LENA, SEASON)
    assert (standing(), status_of(desk, one)) == (Standing.LOOKING, "accepted")
    with desk.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(outcomes)) == 0


def test_the_letter_names_place_counselor_and_the_system(desk: Desk) -> None:
    one, place = proposed(desk)
    for wanted in ("sender", "places"):
        with pytest.raises(FaultyInput) as refusal:
            desk.letter(one, LENA, "de", season=SEASON)
        assert refusal.value.faults[0].column == wanted
        desk.set_sender(SENDER, LENA)
    desk.propose(one, place, LENA, "passt", season=SEASON)
    paper = PdfReader(BytesIO(desk.letter(one, LENA, "de", "Bis bald!", SEASON)))
    text = " ".join(page.extract_text() for page in paper.pages)
    name = person_file(desk.store, SEASON, one).name
    for words in (name, title_of("25212"), "Erfunden GmbH", "lena", "KI-System", "Bis bald!"):
        assert words in " ".join(text.split()), words
    assert desk.sender(LENA) == SENDER


def test_the_letter_names_who_decided_whoever_prints_it(desk: Desk) -> None:
    """After a hand-over the one who prints it did not decide (AI Act Art. 14)."""
    one, place = proposed(desk)
    desk.set_sender(SENDER, LENA)
    desk.propose(one, place, LENA, "passt", season=SEASON)
    picture = desk._picture(SEASON, None)
    known = person_file(desk.store, SEASON, one)
    line = known.contacts[0]
    days = [TODAY - timedelta(days=ago) for ago in range(4)]
    lines = tuple(replace(line, place=f"{place}{ago}", on=day) for ago, day in enumerate(days))
    known = replace(known, contacts=(lines[0], replace(lines[1], by="otto"), *lines[2:]))
    made = letter_of(known, picture, SEASON, SENDER, "karl", "", None)
    assert (made.counselor, made.decided_by, made.decided_on) == ("karl", "lena", TODAY)
    told = [(one.decided_by, one.decided_on) for one in made.places]
    assert told == list(zip(("lena", "otto", "lena"), days[:3], strict=True))
    assert made.left_out == 1


def test_an_answer_of_an_earlier_day_pulls_no_proposal_back(desk: Desk) -> None:
    one, place = proposed(desk)
    week_ago = TODAY - timedelta(days=7)
    for status, on in ((ContactStatus.CONTRACT, TODAY), (ContactStatus.INTERVIEW, week_ago)):
        desk.record_contact(one, Answer(place, status, on), LENA, SEASON)
        assert status_of(desk, one) == "contract"
    desk.undo_contact(one, LENA, SEASON)
    assert status_of(desk, one) == "contract"


@pytest.mark.parametrize("status", [ContactStatus.CONTRACT, ContactStatus.DECLINED])
def test_an_answer_taken_back_counts_no_longer(desk: Desk, status: ContactStatus) -> None:
    """Else the planner's figures tell of contracts and refusals that nobody had."""
    one, place = proposed(desk)

    def stages() -> set[str]:
        return {each.stage for each in courses(desk.store, SEASON) if each.pseudonym == one}

    desk.propose(one, place, LENA, "passt", season=SEASON)
    desk.record_contact(one, Answer(place, status, TODAY), LENA, SEASON)
    assert stages() == {status.value}
    desk.undo_contact(one, LENA, SEASON)
    assert (stages(), one in starts(desk.store, SEASON)) == ({"sent"}, False)
    desk.undo_contact(one, LENA, SEASON)
    assert (stages(), status_of(desk, one)) == ({"proposed"}, "proposed")


def test_a_letter_names_the_wish_that_a_place_is_like() -> None:
    """Wished first: a cook; then a mechatronics technician, which the place is nearly."""
    assert _nearest(("29302", "25212", "25213"), "25214") == "25212"


def test_a_firm_reads_a_cipher_until_the_person_agreed(desk: Desk) -> None:
    one, place = proposed(desk)
    desk.set_sender(SENDER, LENA)
    desk.take_case(one, LENA, SEASON)
    assert desk.firms(LENA, SEASON) == {}
    desk.propose(one, place, LENA, "passt", season=SEASON)
    assert list(desk.firms(LENA, SEASON)) == ["Erfunden GmbH"] and desk.firms(KARL, SEASON) == {}

    def told() -> str:
        paper = PdfReader(BytesIO(desk.firm_list("Erfunden GmbH", LENA, "de", SEASON)))
        return " ".join(paper.pages[0].extract_text().split())

    surname = person_file(desk.store, SEASON, one).name.split()[-1]
    assert surname not in told()
    desk.agree_to_name(one, TODAY, LENA, SEASON)
    assert surname in told()
    with pytest.raises(FaultyInput):
        desk.firm_list("Anders GmbH", LENA, "de", SEASON)


def test_a_day_of_a_case_that_is_another_by_then_is_not_written_over(desk: Desk) -> None:
    one, _ = proposed(desk)
    desk.take_case(one, LENA, SEASON)
    desk.agree_to_name(one, TODAY, LENA, SEASON)
    desk.agree_to_name(one, None, LENA, SEASON, before=TODAY)
    for change in (desk.agree_to_name, desk.contact_again):
        with pytest.raises(FaultyInput) as refused:
            change(one, TODAY, LENA, SEASON, before=TODAY - timedelta(days=1))
        assert [fault.rule for fault in refused.value.faults] == [Rule.CHANGED_SINCE]
    case = desk.person(one, LENA, SEASON).case
    assert (case.again, case.agreed_on) == (None, None)


def test_whoever_takes_a_case_a_moment_later_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Karl is quicker, between Lena's look at the case and her writing."""
    one = who(desk)

    def late(store: Store, season: str, *told: Any, **changes: Any) -> None:
        change_case(store, season, one, KARL.name, "case.take", counselor=KARL.name)
        change_case(store, season, *told, **changes)

    monkeypatch.setattr(cases_desk, "change_case", late)
    with pytest.raises(FaultyInput) as refused:
        desk.take_case(one, LENA, SEASON)
    assert [fault.rule for fault in refused.value.faults] == [Rule.CHANGED_SINCE]
    assert desk.person(one, KARL, SEASON).case.counselor == "karl"


@pytest.mark.parametrize("step", ["_cost", "rule"])
def test_what_came_in_while_a_decision_was_priced_is_in_no_old_picture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whoever withdraws meanwhile has no sheet any more; without that, the picture is kept."""
    one, place = proposed(desk)
    other = next(who(desk, n) for n in (1, 2, 3) if who(desk, n) != one)
    assert desk.sheet(other, LENA, SEASON) is not None
    desk.decide(one, place, Bond.BAN, LENA, "will nicht dorthin", SEASON)
    assert PICTURES.known(desk.store, SEASON, season_mark(desk.store, SEASON)) is not None
    usual = getattr(counseling_desk, step)

    def meanwhile(*told: Any) -> Any:
        withdraw(desk.store, other, "amt")
        return usual(*told)

    monkeypatch.setattr(counseling_desk, step, meanwhile)
    desk.decide(one, place, None, LENA, "doch", SEASON)
    assert PICTURES.known(desk.store, SEASON, season_mark(desk.store, SEASON)) is None
    assert desk.sheet(other, LENA, SEASON) is None
