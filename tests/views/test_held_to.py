"""Does the planner read beside what a plan promises what it may be held to?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from office import words
from office.access import User
from office.desk import Desk
from office.held_to import HeldTo
from office.settings import Settings
from office.words import LANGUAGES
from tests.office.learned import learned
from tests.store.districts import offer, pupil, take_in
from tests.views.test_planner_pages import PLANNER, opened, text
from views import parts
from views.planner import asking
from views.planner.held_to import held_words


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A season with a plan in force by the scorecard, and a model that is not in force yet."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.setattr(parts, "reader", lambda: PLANNER)
    words.unsaid.clear()
    made = Desk(Settings())
    season = made.season()
    people = [pupil(n, compulsory_school_done=True) for n in range(1, 10)]
    take_in(made.store, people, season=season)
    offer(made.store, 8, season)
    made.publish_plan(made.draw_season(by=PLANNER).plan, by=PLANNER, reason="wöchentlich")
    made.take_model(learned().content, learned().card, User.operator("amt"))
    yield made
    asking.desk().close()
    made.close()


def test_the_plans_page_says_so_only_of_learned_chances(desk: Desk) -> None:
    before = text(opened("plans"))
    assert "zu rechnen" not in before
    desk.activate_model(1, User.operator("amt"), "geprüft")
    kept = desk.draw_season(by=PLANNER)
    desk.publish_plan(kept.plan, by=PLANNER, reason="mit Modell")
    after = text(opened("plans"))
    (line,) = held_words(kept.held_to, "de")
    assert line in after and "damit ist zu rechnen" in after.lower()
    assert words.unsaid == set()


def test_while_people_do_without_no_plan_is_begun(desk: Desk) -> None:
    desk.set_manual(True, PLANNER, "Zweifel")
    page = opened("plans")
    page.button(key="draw").click().run()
    assert not page.exception and "Chancen sind abgeschaltet" in text(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_hold_every_figure(language: words.Language) -> None:
    assert held_words(None, language) == ()
    (said,) = held_words(HeldTo(raw=453.2, honest=438.4, low=401.0, high=470.9), language)
    assert all(figure in said for figure in ("453", "438", "401", "471"))
