"""Does the audit flag what was planted, and only that? Does it tell of nobody alone?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from data.sample.history import Past, World, past
from models.ablation import apart, levelled, top
from models.alike import Clusters, area_of, at_equal_features
from models.cases import Cases, cases_of
from models.declaration import Columns, NotUsable, district_declaration
from models.fairness import Audit, audit
from models.features import Numbers
from models.gaps import Gap, Measure, Verdict
from models.groups import LEAST_TOLD, columns_of, sides
from models.placement import PlacementModel, train

SMALL = World(seasons=3, people=500, openings=780, each=20)
UNFAIR = World(seasons=3, people=500, openings=780, each=20, discrimination=1.0)


@pytest.fixture(scope="module")
def fair(small_past: Past, small_model: PlacementModel) -> Audit:
    return audit(small_model, small_past.history, small_past.history[["group"]])


@pytest.fixture(scope="module")
def cases(small_past: Past) -> Cases:
    return cases_of(small_past.history, district_declaration())


@pytest.fixture(scope="module")
def odds(small_model: PlacementModel, cases: Cases) -> Numbers:
    return levelled(apart(small_model, cases)[0], cases)


def gap_of(found: Audit, measure: Measure, label: str = "1") -> Gap:
    return next(gap for gap in found.gaps if gap.measure is measure and gap.labels == (label,))


# Laws

ROWS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40)


@given(ROWS)
def test_the_area_is_that_of_the_field(rows: list[tuple[int, bool]]) -> None:
    score, inside = np.array([one for one, _ in rows], float), np.array([two for _, two in rows])
    if inside.all() or not inside.any():
        return
    area, influence = area_of(score, inside)
    assert area == pytest.approx(roc_auc_score(inside, score))
    assert influence.sum() == pytest.approx(0, abs=1e-12)


@given(st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=1, max_size=80))
def test_no_told_group_is_small_and_none_can_be_worked_out(labels: list[str | None]) -> None:
    """Every group and all that is left of any trait's people has nobody or at least five."""
    person = np.arange(len(labels))
    columns = columns_of({"trait": np.array(labels, dtype=object)}, len(labels), Columns("y"))
    found, left_out = sides(columns, person)
    assert (len(found) > 1) == (not left_out)
    for side in found:
        assert side.inside.sum() >= LEAST_TOLD and side.outside.sum() >= LEAST_TOLD
        assert side.mirrored == (len(found) == 2)
    together = sum(side.inside.astype(int) for side in found)
    known = np.array([label is not None for label in labels])
    assert not found or np.array_equal(together, known.astype(int))


@given(st.lists(st.integers(0, 4), min_size=4, max_size=30), st.integers(0, 9))
def test_people_of_one_row_are_as_sure_as_rows(people: list[int], seed: int) -> None:
    """With a row each, the error is the usual one; a person's rows can only hang together."""
    influence = np.random.default_rng(seed).normal(size=len(people))
    none = np.full(len(people), -1)
    alone = Clusters(np.arange(len(people)), none).error(influence)
    assert alone == pytest.approx(float(np.sqrt((influence**2).sum())))
    tied = Clusters(np.array(people), none).error(np.ones(len(people)))
    assert tied == pytest.approx(float(np.sqrt((np.bincount(people) ** 2).sum())))


@given(st.integers(0, 50))
def test_a_difference_at_equal_features_is_found_as_it_was_made(seed: int) -> None:
    random = np.random.default_rng(seed)
    likely = random.uniform(0.2, 0.8, 400)
    inside = random.random(400) < likely
    found = at_equal_features(0.3 * (inside - likely), inside, likely)
    assert found is not None and found[0] == pytest.approx(0.3)
    assert at_equal_features(likely, inside, inside.astype(np.float64)) is None


# Planted, and not


def test_nothing_is_flagged_where_nothing_was_planted(fair: Audit) -> None:
    assert fair.flagged == ()
    assert fair.comparisons == 3 and len(fair.gaps) == 6


@pytest.mark.parametrize("seed", [1, 2])
def test_biased_outcomes_are_flagged(seed: int) -> None:
    history = past(seed, UNFAIR).history
    model = train(history, district_declaration())
    found = audit(model, history, history[["group"]])
    alike = gap_of(found, Measure.STARTED_ALIKE)
    assert alike.verdict is Verdict.FLAGGED
    assert alike.difference is not None and alike.difference.value < 0
    assert gap_of(found, Measure.PROMISED).verdict is Verdict.FLAGGED


def test_chances_that_are_too_low_for_a_group_are_flagged(
    small_past: Past, small_model: PlacementModel, odds: Numbers
) -> None:
    """Outcomes are fair: starts at equal features stay unflagged."""
    history = small_past.history
    lowered = expit(odds - 0.9 * history["group"].to_numpy())
    found = audit(small_model, history, history[["group"]], chances=lowered)
    promised = gap_of(found, Measure.PROMISED)
    assert promised.verdict is Verdict.FLAGGED
    assert promised.difference is not None and promised.difference.value < 0
    assert gap_of(found, Measure.STARTED_ALIKE).verdict is not Verdict.FLAGGED


def test_a_choice_that_passes_a_group_over_is_flagged(
    small_past: Past, small_model: PlacementModel, cases: Cases, odds: Numbers
) -> None:
    history = small_past.history
    best = top(odds, cases.season, 1 / 3)
    passed = (history["group"] == 1).to_numpy() & (np.arange(len(best)) % 2 == 0)
    found = audit(
        small_model, history, history[["group"]], chances=expit(odds), chosen=best & ~passed
    )
    assert {gap.measure for gap in found.flagged} >= {Measure.CHOSEN_ALIKE}
    assert gap_of(found, Measure.PROMISED).verdict is not Verdict.FLAGGED


# What is told


def test_groups_are_counted_as_by_hand(small_past: Past, fair: Audit) -> None:
    history = small_past.history
    for group in fair.groups:
        own = history[history["group"].astype(str) == group.labels[0]]
        assert (group.rows, group.people) == (len(own), own["person"].nunique())
        assert group.unknown == pytest.approx(own["started"].isna().mean())
        assert group.started is not None
        assert group.started.value == pytest.approx(own["started"].mean())
        assert group.started.low < group.started.value < group.started.high


def test_of_two_groups_one_is_the_others_mirror(fair: Audit) -> None:
    for measure in (Measure.PROMISED, Measure.STARTED_ALIKE, Measure.MISSED):
        one, other = (gap_of(fair, measure, label).difference for label in ("0", "1"))
        assert one is not None and other is not None
        assert (one.value, one.low, one.high) == (-other.value, -other.high, -other.low)


def test_small_groups_are_never_called_fair(small_past: Past, small_model: PlacementModel) -> None:
    """Twelve people of a group: told of, and not judged; three: not even told of."""
    history = small_past.history
    people = history["person"].drop_duplicates().to_numpy()
    labels = pd.Series("many", index=history.index)
    labels[history["person"].isin(people[:12])] = "twelve"
    labels[history["person"].isin(people[12:15])] = "three"
    found = audit(small_model, history, {"trait": labels.to_numpy()})
    assert [(group.labels, group.people) for group in found.groups] == [
        (("many",), len(people) - 15),
        ((None,), 15),
    ]
    assert {gap.verdict for gap in found.gaps} == {Verdict.TOO_FEW}
    assert all(group.started is None for group in found.groups)
    assert "three" not in str(found.facts()) and found.proxies == ()


def test_the_field_gives_the_group_away_and_luck_gives_nothing(
    small_past: Past, small_model: PlacementModel, fair: Audit
) -> None:
    assert fair.proxies[0].area.low > 0.6
    assert fair.proxies[0].telling[0][0] == "field"
    drawn = np.random.default_rng(2).integers(0, 2, 20_000)[small_past.history["person"]]
    luck = audit(small_model, small_past.history, {"luck": drawn})
    area = luck.proxies[0].area
    assert area.low < 0.55 and area.value == pytest.approx(0.5, abs=0.06)
    # And the trait changes no chance: what all are promised is the same.
    assert luck.promised == fair.promised


def test_a_feature_that_matters_changes_the_order_when_taken_away(
    small_past: Past, small_model: PlacementModel, fair: Audit
) -> None:
    history = small_past.history
    again = audit(small_model, history, history[["group"]], refit=True)
    for found in (fair, again):
        by_name = {one.feature: one for one in found.ablations}
        assert set(by_name) == set(district_declaration().names)
        assert by_name["mark"].replaced > by_name["accompanied"].replaced
        assert by_name["mark"].loss > 0.005 and by_name["mark"].order < 0.95
        (first, second) = by_name["competition"].moved
        assert first.with_it == pytest.approx(-second.with_it)
        assert abs(first.without) < abs(first.with_it)


def test_a_later_season_is_judged_by_the_model_itself(small_past: Past) -> None:
    """Its outcomes, turned round, change what came and not what was promised."""
    history = small_past.history
    model = train(history[history["season"] < 2024], district_declaration())
    later = history[history["season"] == 2024]
    turned = later.assign(started=1 - later["started"])
    one, other = (audit(model, table, table[["group"]]) for table in (later, turned))
    assert one.promised == pytest.approx(other.promised)
    known = later[later["started"].notna()]
    assert one.promised == pytest.approx(float(model.chances(known).mean()))
    assert one.came == pytest.approx(1 - other.came)


@pytest.mark.parametrize(
    "groups", [{"person": np.zeros(9)}, {"started": np.zeros(9)}, {"short": np.zeros(9)}]
)
def test_what_is_no_trait_is_refused(
    small_past: Past, small_model: PlacementModel, groups: dict[str, Numbers]
) -> None:
    with pytest.raises(NotUsable):
        audit(small_model, small_past.history, groups)


def test_chances_and_choices_must_fit(small_past: Past, small_model: PlacementModel) -> None:
    history, groups = small_past.history, small_past.history[["group"]]
    with pytest.raises(ValueError, match="chances"):
        audit(small_model, history, groups, chances=np.ones(len(history)))
    with pytest.raises(ValueError, match="choice"):
        audit(small_model, history, groups, chosen=[True])
