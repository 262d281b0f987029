"""Does a counselor read learned chances as ranges with cases, and where there are too few?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import streamlit as st

from matching.problem import Numbers
from models.placement import Chances
from office import season_desk, season_picture, words
from office.access import Role, User
from office.active_model import InUse
from office.counseling_desk import Scores
from office.desk import Desk
from office.settings import Settings
from office.words import LANGUAGES
from tests.store.districts import offer, pseudonyms_of, pupil, take_in
from tests.views.test_counselor_pages import LENA, opened, text
from views import parts

PLANNER = User("paul", frozenset({Role.PLANNER}))


@dataclass(frozen=True)
class Learned:
    """A model that has 27 cases for the first `known` places of a person, and none for others."""

    known: int
    columns: tuple[str, ...] = ("wish",)
    spread: float = 0.1

    def chances(self, table: Mapping[str, npt.ArrayLike], /) -> Numbers:
        return np.full(len(np.asarray(table["wish"])), 0.33)

    def judge(self, table: Mapping[str, npt.ArrayLike], /) -> Chances:
        chance = self.chances(table)
        enough = np.arange(len(chance)) < self.known
        cases = np.where(enough, 27, 0)
        return Chances(chance, chance - 0.15, chance + 0.19, cases, cases // 3, enough)

    def contributions(self, table: Mapping[str, npt.ArrayLike], /) -> dict[str, Numbers]:
        return {"months_left": np.full(len(np.asarray(table["wish"])), 0.3)}


@pytest.fixture
def at_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Two people and three places, a plan in force; the counselor sees chances at once."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.setattr(parts, "reader", lambda: LENA, raising=False)
    words.unsaid.clear()
    made = Desk(Settings())
    season = made.season()
    take_in(made.store, [pupil(n, compulsory_school_done=True) for n in (1, 2)], season=season)
    offer(made.store, 3, season)
    made.set_scores(Scores.SHOWN, LENA)
    yield made
    st.cache_resource.clear()
    made.close()


def one_with(made: Desk, monkeypatch: pytest.MonkeyPatch, known: int) -> str:
    """Somebody to whom a plan by such a model proposes a place."""
    in_use = InUse(Learned(known), "0" * 64, 1, True)
    monkeypatch.setattr(season_desk, "active_model", lambda store: in_use)
    for name in ("active_model", "model_of_run"):
        monkeypatch.setattr(season_picture, name, lambda *given: in_use)
    made.publish_plan(made.draw_season(PLANNER).plan, PLANNER, "geprüft")
    one = sorted(pseudonyms_of(made.store).values())[0]
    made.take_case(one, LENA)
    return one


def test_a_range_stands_with_its_cases_and_reasons(
    at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = one_with(at_desk, monkeypatch, known=2)
    for language in LANGUAGES:
        said = text(opened("person", language, person=one))
        if language == "de":
            figure = "18 bis 52\N{NO-BREAK SPACE}% – 27 ähnliche Fälle, 9 davon begonnen"
            assert figure in said and "mehr Zeit bis zum Ausbildungsbeginn als üblich" in said
            assert "Zu wenig Erfahrung für eine Zahl" in said
            assert "gelernt aus den Ausgängen" in said and "Scorecard" not in said
    assert words.unsaid == set()


def test_where_too_little_is_known_no_figure_is_on_the_page(
    at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as a chance nor in a reason or a price; people decide, and are told so."""
    one = one_with(at_desk, monkeypatch, known=0)
    page = opened("person", person=one)
    next(b for b in page.button if b.label == "Was würde das kosten?").click().run()
    assert not page.exception
    said = text(page)
    assert "Zu wenig Erfahrung für eine Zahl" in said and "entscheiden von Hand" in said
    assert "%" not in said and "Prozentpunkte" not in said and "davon begonnen" not in said
    assert "Was das an Vermittlungen kostet, lässt sich nicht sagen" in said
    assert "Erwartete Vermittlungen" not in said and "erwartete Vermittlungen" not in said
    assert words.unsaid == set()
