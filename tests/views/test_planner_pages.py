"""Does a planner get from last week's figures to a published plan and a report?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store.people import seekers
from data.store.plans import move
from data.store.progress import courses
from matching.errors import (
    BrokenPromise,
    Fault,
    FaultyInput,
    NoPlanPossible,
    Refused,
    Rule,
    UebergangError,
)
from office import words
from office.access import Role, User
from office.cases_desk import CasesDesk
from office.file_desk import FileDesk
from office.glance import Glance, glance
from office.planning_desk import PlanningDesk
from office.settings import Settings
from office.users_desk import UsersDesk
from office.words import LANGUAGES
from tests.store.districts import cases_of, offer, pupil, take_in
from views import parts
from views.planner import asking
from views.planner.answer import verdict

PAGES = Path(__file__).parents[2] / "views/planner"
PLANNER = User("planung", frozenset({Role.PLANNER}))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlanningDesk]:
    """Nine people and eight places in a store; no plan yet."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.setattr(parts, "reader", lambda: PLANNER)
    words.unsaid.clear()
    made = PlanningDesk(Settings())
    season = made.season()
    take_in(
        made.store, [pupil(n, compulsory_school_done=True) for n in range(1, 10)], season=season
    )
    offer(made.store, 8, season)
    yield made
    asking.desk().close()
    made.close()


@pytest.fixture
def plan(desk: PlanningDesk) -> int:
    """A plan in force."""
    made = desk.draw_season(by=PLANNER).plan
    desk.publish_plan(made, by=PLANNER, reason="*wöchentlich*")
    return made


def opened(name: str, language: str = "de") -> AppTest:
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=60)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception
    return page


def settled(page: AppTest) -> AppTest:
    """The page once nothing is gathered behind it any more."""
    for _ in range(100):
        if not any("Anhalten" in one.label or "Stop" in one.label for one in page.button):
            break
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    """Everything that the page says, tables without their tags."""
    kinds = ("title", "header", "markdown", "caption", "info", "success", "warning", "error")
    said = [str(getattr(element, "value", "")) for kind in kinds for element in page.get(kind)]
    tables = [str(getattr(element.proto, "body", "")) for element in page.get("html")]
    said += [re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S) for html in tables]
    return "\n".join(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_target_page_shows_what_is_out_apart(
    desk: PlanningDesk, plan: int, language: words.Language
) -> None:
    one = courses(desk.store, desk.season())[0]
    move(desk.store, plan, one.pseudonym, one.place, "sent", "lena", "passt")
    page = settled(opened("target", language))
    own = desk.see_season(by=PLANNER).own
    assert [metric.value for metric in page.metric] == [
        words.number(own.rate.placed, language),
        words.number(own.out, language),
        words.number(own.planned, language),
        words.percent(own.rate.chance_with_model_error, language),
    ]
    said = text(page)
    assert words.number(own.out, language, 1) in said
    assert words.say("Who has no proposal, and why", language) in said
    assert len(page.get("download_button")) == 2
    assert words.unsaid == set()


def test_the_target_page_without_a_plan_says_what_to_do(desk: PlanningDesk) -> None:
    page = opened("target")
    assert "Noch gilt kein Plan" in page.warning[0].value
    assert not page.get("download_button")
    assert "Seite „Pläne“" in page.warning[0].value


def test_groups_can_be_looked_at_from_closer_by(desk: PlanningDesk, plan: int) -> None:
    page = opened("target")
    page.radio(key="dimension").set_value("municipality").run()
    assert not page.exception
    assert page.selectbox(key="group_municipality").options == ["Gütersloh"]
    page.selectbox(key="group_municipality").set_value("Gütersloh").run()
    assert not page.exception
    assert "Gütersloh** nach anderen Gruppen" in text(page)
    assert words.unsaid == set()


def test_the_answer_turns_with_the_chance_of_the_target(desk: PlanningDesk, plan: int) -> None:
    """Yes, probably, no: by the confidence that is wanted, and by what is expected."""
    now = desk.see_season(by=PLANNER)
    own = now.own
    for chance, wanted, tone, said in (
        (0.99, 1, "good", "**Yes, as far as can be told.**"),
        (0.5, 1, "doubtful", "**Probably, but not surely enough.**"),
        (0.1, 900, "bad", "**Not with this plan.**"),
    ):
        rate = replace(own.rate, chance_with_model_error=chance, placed=5)
        one = replace(own, rate=rate, outlook=replace(own.outlook, wanted=wanted))
        told = verdict(now, one, "en")
        assert told[0] == tone and told[1].startswith(said)
        assert f"it will be {one.outlook.low} to {one.outlook.high}" in told[1]


def test_with_few_people_placed_nothing_counts_back_to_them(desk: PlanningDesk, plan: int) -> None:
    """Neither in a figure nor in a picture: expected and rate would tell how many."""
    one = courses(desk.store, desk.season())[0]
    move(desk.store, plan, one.pseudonym, one.place, "contract", "lena", "Vertrag")
    page = settled(opened("target"))
    assert page.metric[0].value == "unter 5"
    assert not page.get("vega_lite_chart")
    own = desk.see_season(by=PLANNER).own
    assert words.percent(own.rate.rate, "de") not in text(page)


def test_the_few_who_fell_away_are_not_found_by_subtracting(desk: PlanningDesk) -> None:
    """The plan's own figures stand on another page: beside them no exact rest may be told."""
    many = [pupil(n, compulsory_school_done=True) for n in range(1, 21)]
    take_in(desk.store, many, season=desk.season())
    made = desk.draw_season(by=PLANNER).plan
    desk.publish_plan(made, by=PLANNER, reason="Probe")
    assert "**20 Personen suchen.** Für 8 von ihnen" in text(settled(opened("target")))
    one = next(course for course in courses(desk.store, desk.season()) if course.place)
    move(desk.store, made, one.pseudonym, one.place, "declined", "lena", "will nicht")
    said = text(settled(opened("target")))
    assert "Weggefallene Vorschläge des Plans: unter 5" in said
    assert "**20 Personen suchen.** Kaum jemand" in said


def test_nobody_is_named_on_a_planners_page(desk: PlanningDesk, plan: int) -> None:
    """Neither by name nor by pseudonym, nor by the reasons of fewer than five."""
    said = "".join(text(settled(opened(name))) for name in ("target", "plans", "publish"))
    for one in seekers(desk.store, desk.season()):
        assert one.id not in said
    assert "Weniger als fünf Personen haben keinen" in said


def test_the_definition_can_be_chosen(desk: PlanningDesk, plan: int) -> None:
    page = opened("target")
    box = page.selectbox(key="definition")
    assert box.value == "district"
    assert box.options[0] == "Ziel des Kreises"


# --- handing cases over --------------------------------------------------------------------------


@pytest.fixture
def counselors(desk: PlanningDesk, monkeypatch: pytest.MonkeyPatch) -> CasesDesk:
    """Lena looks after nobody yet, Otto neither."""
    users = UsersDesk(Settings())
    for name in ("lena", "otto"):
        users.add_user(name, [Role.COUNSELOR], by=User.operator("root"))
    users.close()
    return CasesDesk(Settings())


def test_cases_are_handed_over_once_it_is_confirmed(counselors: CasesDesk) -> None:
    page = opened("hand_over")
    assert "9" in text(page) and "Niemand" in text(page)
    page.selectbox(key="giver").set_value("").run()

    def press() -> str:
        page.button[0].click().run()
        assert not page.exception
        return text(page)

    assert "9 Fälle** gehen von **Niemand** an **lena**" in text(page)
    assert "Bitte bestätigen Sie" in press()
    assert cases_of(counselors.store, counselors.season()) == {None: 9}
    page.checkbox(key="sure").check()
    assert "9 Fälle sind übergeben" in press()
    assert cases_of(counselors.store, counselors.season()) == {"lena": 9}
    assert words.unsaid == set()


def test_some_of_the_cases_are_handed_over(counselors: CasesDesk) -> None:
    assert counselors.hand_over_cases(None, "lena", PLANNER, most=6) == 6
    assert cases_of(counselors.store, counselors.season()) == {None: 3, "lena": 6}
    page = opened("hand_over")
    assert "Unter 5" in text(page) or "unter 5" in text(page)
    (lot,) = counselors.lots("lena", PLANNER)
    assert counselors.lots(None, PLANNER) == ()
    given = counselors.hand_over_cases("lena", "otto", PLANNER, of_schools=lot.schools)
    assert given == 6 and cases_of(counselors.store, counselors.season()) == {None: 3, "otto": 6}
    for to, schools in (("planung", None), ("lena", frozenset({"999999"}))):
        with pytest.raises(FaultyInput):
            counselors.hand_over_cases("otto", to, PLANNER, of_schools=schools)
    assert cases_of(counselors.store, counselors.season()) == {None: 3, "otto": 6}


def test_a_plan_is_drawn_published_and_told(desk: PlanningDesk, plan: int) -> None:
    page = opened("plans")
    assert "\\*wöchentlich\\*" in text(page), "what somebody typed is no markup"
    page.button(key="draw").click().run()
    for _ in range(100):
        work = desk.drawing(by=PLANNER)
        if work is None or work.state != "running":
            break
        time.sleep(0.05)
    page.run()
    assert not page.exception
    assert f"Plan {plan + 1} ist erstellt" in text(page)
    assert "Gleicher Vorschlag wie vorher" in text(page)
    page.button(key="hide").click().run()
    assert f"Plan {plan + 1} ist erstellt" not in text(page)
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_from_closer_by_tells_wishes_prices_and_proof(
    desk: PlanningDesk, plan: int, language: words.Language
) -> None:
    page = opened("plans", language)
    assert not page.get("vega_lite_chart")
    page.toggle(key="proof").set_value(True).run()
    page = settled(page)
    told, said = desk.see_reasons(plan, by=PLANNER), text(page)
    assert told.proof.fingerprint in said
    assert words.number(told.worth.bound, language, 1) in said
    assert words.number(told.worth.of_people, language, 1) in said
    assert words.number(told.chosen.wishes, language, 1) in said
    assert page.code[0].value == "uebergang runs replay 1"
    assert words.unsaid == set()


def test_nothing_is_published_without_reason_and_confirmation(
    desk: PlanningDesk, plan: int
) -> None:
    new = desk.draw_season(by=PLANNER).plan
    page = opened("publish")

    def press() -> str:
        page.button[0].click().run()
        assert not page.exception
        return text(page)

    assert "Bitte geben Sie eine Begründung an." in press()
    page.text_area(key="reason").set_value("neue Stellen")
    assert "Bitte bestätigen Sie" in press()
    assert {one.plan: one.status for one in desk.plan_history(by=PLANNER)}[new] == "draft"
    page.checkbox(key="sure").check()
    said = press()
    assert f"Plan {new} gilt jetzt" in said and f"wählen Sie unten Plan {plan}" in said
    told = {one.plan: one for one in desk.plan_history(by=PLANNER)}
    assert (told[new].status, told[plan].status) == ("active", "replaced")
    assert told[new].published[0].reason == "neue Stellen"
    assert words.unsaid == set()


@pytest.mark.parametrize("name", ["target", "plans", "publish", "hand_over"])
def test_an_empty_store_is_no_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "empty.db"))
    monkeypatch.setattr(parts, "reader", lambda: PLANNER)
    words.unsaid.clear()
    page = opened(name)
    assert page.info or page.warning
    assert words.unsaid == set()
    asking.desk().close()


def test_a_refusal_is_worded(desk: PlanningDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals: list[UebergangError] = []

    def refuse(*_: object, **__: object) -> None:
        raise refusals[-1]

    monkeypatch.setattr(PlanningDesk, "plan_history", refuse)
    told: tuple[tuple[UebergangError, str], ...] = (
        (BrokenPromise("flow", ("wrong",)), "hielt aber der Nachzählung nicht stand"),
        (Refused("see_plans"), "Das dürfen Sie hier nicht"),
        (FaultyInput((Fault(Rule.PLAN_UNKNOWN, value="<b>7</b>"),)), "Das ging nicht"),
        (NoPlanPossible((Fault(Rule.PINNED_AND_BANNED),)), "widersprechen einander"),
    )
    for refusal, said in told:
        refusals.append(refusal)
        assert said in opened("plans").error[0].value
    assert words.unsaid == set()


# --- what the engine found, in words -------------------------------------------------------------


@pytest.fixture(scope="module")
def scarce() -> Glance:
    """The invented district with too few places."""
    return glance(FileDesk().draw_sample("scarce"))


def _shows(monkeypatch: pytest.MonkeyPatch, told: Glance, name: str = "target") -> str:
    """What a page says, in English, of a plan made up for the test."""
    monkeypatch.setattr(PlanningDesk, "has_reasons", lambda *_, **__: True)
    monkeypatch.setattr(PlanningDesk, "see_reasons", lambda *_, **__: told)
    page = opened(name, "en")
    if name == "plans":
        page.toggle(key="proof").set_value(True).run()
    return text(page)


def test_a_target_out_of_reach_is_called_so_and_says_why(
    desk: PlanningDesk, plan: int, scarce: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = scarce.shortfall
    assert short is not None
    assert "**Competition.**" in _shows(monkeypatch, scarce)
    low = replace(short, wanted=None, alone=short.need - 1.0, without_place_allowed=3)
    said = _shows(monkeypatch, replace(scarce, shortfall=low))
    assert "**A chance of 90% is out of reach**" in said
    assert "**Chances too low.**" in said and "**Competition.**" not in said
    assert "Some people have no place" in said


def test_a_plan_that_leaves_nobody_and_nothing_out_says_so(
    desk: PlanningDesk, plan: int, scarce: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    worth = replace(scarce.worth, openings=())
    said = _shows(monkeypatch, replace(scarce, without=(), empty=(), worth=worth))
    assert "Everybody who looks has a proposal." in said
    assert "Every opening has a proposal." in said
    assert "One opening more would help" not in said


def test_without_room_for_wishes_the_first_plan_stands(
    desk: PlanningDesk, plan: int, scarce: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _shows(monkeypatch, replace(scarce, most_wishes=None), "plans")
    assert "There is no room for that now" in said


@pytest.mark.parametrize(
    ("asked", "locale", "title"),
    [
        (None, None, "Pläne"),
        (None, "en-GB", "Plans"),
        (None, "fr-FR", "Pläne"),
        ("de", "en-GB", "Pläne"),
        ("tlh", None, "Pläne"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers_else_german(
    desk: PlanningDesk, asked: str | None, locale: str | None, title: str
) -> None:
    page = AppTest.from_file(PAGES / "plans.py", default_timeout=60)
    if asked is not None:
        page.query_params["lang"] = asked
    if locale is not None:
        page.context = {"locale": locale}
    page.run()
    assert page.title[0].value == title
