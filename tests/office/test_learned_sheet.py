"""Does a sheet show learned chances with their evidence, and none where little is known?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from data.intake.district_files import District
from data.intake.season_facts import facts_of
from data.sample.history import World, past
from matching.problem import Certificate, Numbers, Place, Seeker, Site
from matching.target import Target
from models.declaration import district_declaration
from models.placement import LEAST_CASES, SURE, Chances, PlacementModel, train
from office.chance_ranges import HALF_A_POINT, Evidence
from office.counseling import Sheet, pin_of, prices_for, sheet
from office.drawing import Judging, draw

HERE, START = Site(51.9, 8.4, "33330"), date(2027, 8, 1)

ANNA = Seeker("anna", HERE, ("25212",), Certificate.MSA, 17, longest_way=60, applied_before=False)
#: Three places of the wish's field; `odd` lies in a field that the past never saw.
PLACES = (
    Place("first", 2, "A", "25212", site=HERE, starts=START),
    Place("near", 1, "B", "25222", site=HERE, starts=START),
    Place("other", 1, "C", "26212", site=HERE, starts=START),
    Place("odd", 3, "D", "01104", site=HERE, starts=START),
)


@dataclass(frozen=True)
class Told:
    """A model with evidence for some places: a chance for each firm, too little where it is None.

    To `E` it gives the highest chance of all, which stands in only and must not be shown.
    """

    said: Mapping[str, float | None]
    columns: tuple[str, ...] = ("firm",)
    spread: float = 0.1

    def chances(self, table: Mapping[str, npt.ArrayLike], /) -> Numbers:
        firms = np.asarray(table["firm"]).tolist()
        return np.array([0.95 if self.said[firm] is None else self.said[firm] for firm in firms])

    def judge(self, table: Mapping[str, npt.ArrayLike], /) -> Chances:
        chance = self.chances(table)
        enough = np.array([self.said[one] is not None for one in np.asarray(table["firm"])])
        cases = np.where(enough, 27, 3)
        return Chances(chance, chance - 0.1, chance + 0.04, cases, cases // 3, enough)

    def contributions(self, table: Mapping[str, npt.ArrayLike], /) -> dict[str, Numbers]:
        rows = len(np.asarray(table["firm"]))
        return {"firm": np.full(rows, 0.5), "mark": np.full(rows, -0.4), "wish": np.zeros(rows)}


def district() -> District:
    facts = facts_of((ANNA,), PLACES, date(2026, 12, 1), START)
    return District((ANNA,), PLACES, Target(), START, invented=True, facts=facts)


def page_of(model: Told | PlacementModel, scoring: bool = True) -> Sheet:
    drawn = draw(district(), model)
    return sheet(drawn, district(), prices_for(drawn), "anna", model, scoring)


SAID = {"A": 0.3, "B": None, "C": 0.5, "D": None}


def test_each_option_has_its_range_and_evidence_or_no_figure_at_all() -> None:
    page = page_of(Told(SAID))
    assert page.learned and isinstance(Told(SAID), Judging)
    known = {option.place: option for option in page.options}
    first = known["first"].chance
    assert first is not None and first.value == 0.3
    assert (first.low, first.high) == pytest.approx((0.2, 0.34))
    assert first.evidence == Evidence(27, 9)
    for place in ("near", "odd"):
        option = known[place]
        assert option.too_little and option.chance is None and option.grounds == ()
        assert option.why_not is None or option.why_not.most is None


def test_what_has_no_figure_stands_last_in_the_order_of_wishes() -> None:
    """However high the chance that stands in for it in the plan."""
    page = page_of(Told(SAID))
    assert [option.place for option in page.options] == ["other", "first", "near", "odd"]
    last = [option.place for option in page.by_chance if option.too_little]
    assert last == [option.place for option in page.by_wish if option.too_little]
    none = page_of(Told(dict.fromkeys("ABCD")))
    assert [one.place for one in none.by_chance] == [one.place for one in none.by_wish]


def test_reasons_say_what_is_known_of_the_pair() -> None:
    """A mark that nobody told is a reason of another kind than a bad one."""
    option = next(one for one in page_of(Told(SAID)).options if one.place == "first")
    assert [(ground.name, ground.value) for ground in option.grounds] == [
        ("firm", "A"),
        ("mark", None),
    ]
    assert option.grounds[0].effect > HALF_A_POINT and option.grounds[1].effect < -HALF_A_POINT


def test_a_pin_has_the_figure_that_the_plan_goes_by() -> None:
    model = Told(SAID)
    drawn = draw(district(), model)
    pin = pin_of(drawn, district(), "anna", "near", model)
    assert pin.figures is not None and pin.figures.chance == 0.95


def test_no_advice_rests_on_a_chance_that_is_not_shown() -> None:
    young = replace(ANNA, wishes=("25222",))
    given = replace(district(), seekers=(young,))
    model = Told(dict.fromkeys("ABCD"))
    drawn = draw(given, model)
    helpful = sheet(drawn, given, prices_for(drawn), "anna", model).helpful
    assert helpful and all(one.best is None for one in helpful)


def test_without_scoring_nothing_learned_is_on_the_sheet() -> None:
    page = page_of(Told(SAID), scoring=False)
    assert not page.learned and page.by_chance == ()
    assert not any(option.chance or option.grounds or option.too_little for option in page.options)


@pytest.fixture(scope="session")
def trained() -> PlacementModel:
    """A model of a small invented past."""
    history = past(3, World(seasons=2, people=150, openings=240, each=12)).history
    return train(history, district_declaration())


def test_a_trained_model_is_shown_as_it_judges(trained: PlacementModel) -> None:
    """Every figure on the sheet is the model's own; a field that it never saw has none."""
    page = page_of(trained)
    assert page.learned and SURE == 0.9
    known = {option.place: option for option in page.options}
    assert known["odd"].too_little
    first = known["first"].chance
    assert first is not None and first.evidence is not None
    assert 0 < first.low < first.value < first.high < 1
    assert 0 <= first.evidence.started <= first.evidence.cases
    assert first.evidence.cases >= LEAST_CASES
    names = {ground.name for option in page.options for ground in option.grounds}
    assert names and names <= {*trained.declaration.names, "firm"}
