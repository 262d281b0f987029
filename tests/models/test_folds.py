"""Is nothing ever judged on what it was learned from?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.sample.history import Past
from models.cases import Cases, cases_of
from models.declaration import district_declaration
from models.features import Encoder, Numbers
from models.folds import ahead_of_time, learn, out_of_fold, parts


class Remembering:
    """A learner that knows its rows again: one log-odds of 1 for each that it has learned from."""

    name = "remembering"

    def __init__(self, key: Numbers, labels: Numbers) -> None:
        self.number = dict(zip(map(bytes, key), labels.tolist(), strict=True))
        self.seen: list[set[float]] = []

    def learn(self, _: Encoder, values: Numbers, started: Numbers, weight: Numbers) -> Remembering:
        assert len(values) == len(started) == len(weight)
        self.seen.append({self.number[bytes(row)] for row in values})
        return self

    def log_odds(self, values: Numbers) -> Numbers:
        here = {self.number[bytes(row)] for row in values}
        return np.full(len(values), float(bool(here & self.seen[-1])))


def cases(past: Past) -> Cases:
    return cases_of(past.history, district_declaration())


def marked(some: Cases) -> Cases:
    """The same cases with values by which each row is known again."""
    some.values[:, 0] = np.arange(len(some))
    return some


@given(st.lists(st.integers(-1, 30), min_size=1), st.integers(1, 5))
def test_a_unit_falls_into_one_part(units: list[int], count: int) -> None:
    numbers = np.array(units)
    part = parts(numbers, count, 7)
    assert set(part.tolist()) <= set(range(count))
    for unit in set(units):
        assert len(set(part[numbers == unit].tolist())) == 1


def test_parts_are_about_of_equal_size() -> None:
    sizes = np.bincount(parts(np.arange(300), 3, 1))
    assert sizes.max() - sizes.min() <= 2


def test_nobody_is_judged_by_what_was_learned_from_them(small_past: Past) -> None:
    some = marked(cases(small_past))
    for labels in (some.person, some.firm):
        learner = Remembering(some.values, labels.astype(np.float64))
        assert out_of_fold(learner, some).max() == 0.0


def test_without_firms_people_are_still_kept_apart(small_past: Past) -> None:
    some = marked(cases(small_past))
    learner = Remembering(some.values, some.person.astype(np.float64))
    assert out_of_fold(learner, some, firms=1).max() == 0.0


def test_the_future_teaches_nothing(small_past: Past) -> None:
    some = cases(small_past)
    judged = np.zeros(len(some), dtype=np.int64)
    for learn_from, judge in ahead_of_time(some):
        assert some.season[learn_from].max() < some.season[judge].min()
        assert not set(some.person[learn_from]) & set(some.person[judge])
        assert not set(some.firm[learn_from]) & set(some.firm[judge])
        judged += judge
    assert judged[some.season > 0].tolist() == [1] * int((some.season > 0).sum())


def test_one_season_is_judged_by_people_apart(small_past: Past) -> None:
    first = small_past.history[small_past.history["season"] == 2022]
    some = cases_of(first, district_declaration())
    splits = list(ahead_of_time(some))
    assert splits
    for learn_from, judge in splits:
        assert not set(some.person[learn_from]) & set(some.person[judge])


def test_no_more_rows_are_learned_from_than_asked(small_past: Past) -> None:
    some = marked(cases(small_past))
    learner = Remembering(some.values, np.arange(float(len(some))))
    learn(learner, some, most=100)
    assert len(learner.seen[-1]) == 100
