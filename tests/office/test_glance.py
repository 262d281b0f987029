"""Does the page's layout of a plan add up to the plan?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.plan import Check
from office.drawing import Drawn
from office.file_desk import FileDesk, SampleName
from office.glance import glance
from office.suppression import is_small
from office.worth import priced


@pytest.fixture(scope="module", params=["district", "scarce"])
def drawn(request: pytest.FixtureRequest) -> Drawn:
    name: SampleName = request.param
    return FileDesk().draw_sample(name)


def test_the_prices_add_up_to_the_bound(drawn: Drawn) -> None:
    """What proves the plan with the most expected placements, told in two sums."""
    plan, reached = glance(drawn), drawn.steered.reached
    assert plan.worth.of_openings + plan.worth.of_people == pytest.approx(plan.worth.bound)
    assert plan.worth.bound == reached.bound
    assert sum(one.people for one in plan.worth.people) == len(
        set(drawn.problem.candidates.seeker.tolist())
    )
    assert plan.worth.paid <= plan.worth.places


@given(st.lists(st.floats(-0.5, 1.4), max_size=60))
def test_no_range_of_prices_is_of_a_few_people(prices: list[float]) -> None:
    told = priced(np.array(prices))
    assert not any(is_small(one.people) for one in told)
    assert not told or sum(one.people for one in told) == len(prices)
    assert all(one.high == other.low for one, other in pairwise(told))


def test_who_has_no_proposal_is_who_looks_less_the_proposals(drawn: Drawn) -> None:
    plan = glance(drawn)
    assert len(plan.without) == plan.looking - plan.proposals
    assert sum(reason.count for reason in plan.without_reasons) == len(plan.without)


def test_openings_are_proposed_or_empty(drawn: Drawn) -> None:
    plan = glance(drawn)
    empty = sum(place.openings for place in plan.empty)
    assert empty == plan.openings - plan.proposals
    assert sum(reason.count for reason in plan.empty_reasons) == empty
    assert sum(count for _, count in plan.empty_occupations) <= empty


def test_no_figure_of_the_page_differs_from_the_recount(drawn: Drawn) -> None:
    plan, verdict = glance(drawn), drawn.result.verdict
    assert (plan.expected, plan.rate) == (verdict.expected, verdict.rate)
    assert (plan.chance, plan.honest) == (verdict.chance_of_target, verdict.chance_with_model_error)
    assert plan.wanted - plan.placed == verdict.need
    assert (plan.proof.value, plan.proof.bound) == (drawn.result.value, drawn.result.bound)
    assert plan.proof.fingerprint == drawn.problem.fingerprint()


def test_the_floor_is_named_as_a_rule_only_where_there_was_one(drawn: Drawn) -> None:
    plan = glance(drawn)
    assert (Check.EXPECTED_AT_FLOOR in plan.proof.checks) == plan.proof.of_wishes


def test_one_opening_more_is_told_in_expected_placements(drawn: Drawn) -> None:
    """Also where wishes were served: a price there is in wishes, so the first plan is asked."""
    plan = glance(drawn)
    assert plan.helpful
    assert all(0 < one.adds <= 1 for one in plan.helpful)
    assert [one.adds for one in plan.helpful] == sorted(
        (o.adds for o in plan.helpful), reverse=True
    )


def test_the_answer_is_likely_before_it_is_sure(drawn: Drawn) -> None:
    plan = glance(drawn)
    sure = replace(plan, honest=plan.confidence)
    assert sure.holds and not replace(plan, honest=plan.confidence - 1e-9).holds
    assert replace(plan, expected=float(plan.wanted - plan.placed)).likely
    assert not replace(plan, expected=plan.wanted - plan.placed - 0.5).likely
