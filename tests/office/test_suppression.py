"""Can a small count be worked out? Laws of what is told of groups, and examples by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.store.caseload import Stage
from office.case_counts import counted, lots
from office.flow import Field, flow
from office.groups import Group, Kind, Row
from office.groups import told as told_groups
from office.season_groups import closer
from office.suppression import LEAST, could_be, crossed, is_small, moved, pooled, withheld

Table = npt.NDArray[np.int64]
Hidden = npt.NDArray[np.bool_]
Person = tuple[tuple[str, Kind], tuple[str, Kind], bool, float]

counts = st.lists(st.integers(0, 30), max_size=12)
#: Wholes as they are once small groups are told together: nobody, or at least five.
splits = st.lists(
    st.integers(0, 40)
    .filter(lambda whole: not is_small(whole))
    .flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
    .map(lambda one: (one[0], one[1] - one[0])),
    max_size=10,
)


@given(counts)
def test_no_told_number_is_small(groups: list[int]) -> None:
    """Neither of a group alone nor of those together, unless all people are too few."""
    together = pooled(groups)
    apart = [n for n, is_in in zip(groups, together, strict=True) if not is_in]
    joined = sum(groups) - sum(apart)
    assert not any(is_small(n) for n in apart)
    assert not is_small(joined) or not any(apart)


@given(counts)
def test_a_group_told_together_is_never_alone(groups: list[int]) -> None:
    """Else its number would be the sum."""
    together = pooled(groups)
    small = [n for n in groups if is_small(n)]
    if small and sum(groups) >= LEAST:
        assert sum(is_in for is_in in together) >= 2


@given(splits)
def test_a_small_part_stays_open_over_a_range_of_five(parts: list[tuple[int, int]]) -> None:
    kept_back = withheld(parts)
    if kept_back is None:
        return
    for row, (one, other) in enumerate(parts):
        if is_small(one) or is_small(other):
            lowest, highest = could_be(parts, kept_back, row)
            assert kept_back[row]
            assert lowest <= one <= highest and highest - lowest >= LEAST


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=4).filter(
        lambda parts: not any(is_small(sum(part)) for part in parts)
    )
)
def test_what_could_be_is_all_that_fits_what_is_told(parts: list[tuple[int, int]]) -> None:
    """By trying every table with the same wholes, totals and told parts."""
    kept_back = withheld(parts)
    if kept_back is None:
        return
    wholes = [sum(part) for part in parts]
    total = sum(one for one, _ in parts)
    fitting = [
        firsts
        for firsts in product(*(range(whole + 1) for whole in wholes))
        if sum(firsts) == total
        and all(is_kept or firsts[row] == parts[row][0] for row, is_kept in enumerate(kept_back))
    ]
    for row in range(len(parts)):
        values = {firsts[row] for firsts in fitting}
        assert (min(values), max(values)) == could_be(parts, kept_back, row)


def test_three_people_go_with_the_smallest_other_group() -> None:
    assert pooled([40, 3, 12]) == (False, True, True)
    assert pooled([40, 3, 2]) == (False, True, True)
    assert pooled([40, 3, 12], rather=[True, False, False]) == (True, True, False)
    assert pooled([3, 0]) == (True, False)


def test_two_without_a_proposal_hide_behind_another_school() -> None:
    """Of 50 people 2 have none: from the total alone it would be read off."""
    assert withheld([(48, 2), (20, 10), (60, 0)]) == (True, True, False)
    assert withheld([(40, 10), (30, 0)]) == (False, False)
    assert withheld([(48, 2), (60, 0)]) is None


def test_groups_are_told_by_both_rules() -> None:
    rows = [
        Row("A", Kind.NAMED, 50, 48, 20.0),
        Row("B", Kind.NAMED, 30, 20, 9.0),
        Row(None, Kind.OUTSIDE, 6, 6, 2.0),
        Row(None, Kind.UNKNOWN, 3, 0, 0.0),
    ]
    named = {(one.name, one.kind): one for one in told_groups(rows)}
    assert named["A", Kind.NAMED].placed is None
    elsewhere = named[None, Kind.ELSEWHERE]
    assert (elsewhere.people, elsewhere.members, elsewhere.placed) == (9, 2, None)
    assert named["B", Kind.NAMED].placed == 20
    assert told_groups(rows[3:]) == ()


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 8))
def test_nobody_is_lost_in_groups(people: list[int], most: int) -> None:
    rows = [Row(str(n), Kind.NAMED, count, count, count / 2) for n, count in enumerate(people)]
    groups = told_groups(rows, most)
    if sum(people) >= LEAST:
        assert sum(group.people for group in groups) == sum(people)
        assert len(groups) <= most + 1
    assert not any(is_small(group.people) for group in groups)


# Tables of two kinds of groups


def span(counts: Table, kept_back: Hidden, row: int, column: int) -> tuple[float, float]:
    """Between what numbers a cell lies, for whoever has all sums and the cells that are told."""
    rows, columns = counts.shape
    sums = [np.kron(np.eye(rows), np.ones(columns)), np.kron(np.ones(rows), np.eye(columns))]
    bounds = [
        (0, None) if is_hidden else (count, count)
        for count, is_hidden in zip(counts.ravel(), kept_back.ravel(), strict=True)
    ]
    aim = np.zeros(counts.size)
    aim[row * columns + column] = 1
    ends = [
        linprog(
            sign * aim,
            A_eq=np.vstack(sums),
            b_eq=np.concatenate([counts.sum(1), counts.sum(0)]),
            bounds=bounds,
        ).fun
        for sign in (1, -1)
    ]
    return ends[0], -ends[1]


tables = st.integers(2, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 14), min_size=columns, max_size=columns), min_size=2, max_size=4
    )
).map(lambda rows: np.array(rows, dtype=np.int64))  # fmt: skip


@settings(max_examples=60)
@given(tables)
def test_no_small_cell_can_be_reckoned_from_sums_and_told_cells(counts: Table) -> None:
    """By linear programming, which knows nothing of how cells were chosen."""
    kept_back = crossed(counts)
    if kept_back is None:
        return
    for row, column in zip(*np.nonzero((counts > 0) & (counts < LEAST)), strict=True):
        assert kept_back[row, column]
        lowest, highest = span(counts, kept_back, row, column)
        assert highest - lowest >= LEAST - 1e-6
    for line, hidden in ((counts, kept_back), (counts.T, kept_back.T)):
        assert not any(is_small(int(n)) for n in np.where(hidden, line, 0).sum(1))


def test_a_small_cell_takes_three_others_with_it() -> None:
    counts = np.array([[2, 20, 30], [15, 9, 40], [8, 50, 60]])
    kept_back = crossed(counts)
    assert kept_back is not None and kept_back.sum() == 4
    assert kept_back[0, 0]
    assert crossed(np.array([[2, 20], [3, 30]])) is None
    told = crossed(np.array([[6, 20], [7, 0]]))
    assert told is not None and not told.any()


def test_those_who_are_placed_stand_for_nobody_else() -> None:
    """With everybody of the neighbour placed, a swap would change what is told of the placed."""
    counts = np.array([[2, 20], [15, 30]])
    assert crossed(counts) is not None
    assert crossed(counts, np.array([[2, 3], [15, 30]])) is None


@given(*(st.integers(0, 40) for _ in range(4)))
def test_what_a_new_plan_changes_for_a_few_stays_open(k: int, m: int, lost: int, new: int) -> None:
    """Both plans\u2019 totals are told; what is not told lies in a range of at least five."""
    told = moved(k, m, lost, new)
    if (told.kept, told.moved, told.lost, told.new) == (k, m, lost, new):
        assert not any(is_small(one) for one in (k, m, lost, new))
        return
    assert told.moved is told.lost is told.new is None
    if told.kept is not None:
        before, after = k + m + lost - told.kept, k + m + new - told.kept
        fits = [one for one in range(before + 1) if before - one <= after]
        assert max(fits) - min(fits) >= LEAST or min(before, after) >= LEAST


def test_one_group_from_closer_by_is_told_as_far_as_may_be() -> None:
    def some(label: tuple[str, Kind], beside: tuple[str, Kind], count: int) -> Iterator[Person]:
        yield from [(label, beside, False, 0.5)] * count

    a, b = ("A", Kind.NAMED), ("B", Kind.NAMED)
    north, south, west = (("N", Kind.NAMED), ("S", Kind.NAMED), ("W", Kind.NAMED))
    people = [
        *some(a, north, 2), *some(a, south, 20), *some(a, west, 9),
        *some(b, north, 12), *some(b, south, 15), *some(b, west, 8),
    ]  # fmt: skip
    mine = tuple(Group(n, Kind.NAMED, p, 0, p / 2) for n, p in (("A", 31), ("B", 35)))
    others = tuple(Group(n, Kind.NAMED, 20, 0, 9.0) for n in ("N", "S", "W"))
    told = closer("A", mine, others, people)
    assert [(one.name, one.kind, one.people) for one in told] == [
        ("S", Kind.NAMED, 20), (None, Kind.REST, 11)
    ]  # fmt: skip
    assert told[1].expected == 5.5


schools = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), max_size=6)


@given(schools)
def test_no_lot_of_cases_is_of_a_few_people(people: dict[str, int]) -> None:
    found = lots({school: (None, count) for school, count in people.items()})
    assert not any(is_small(one.people) for one in found)
    if not is_small(sum(people.values())):
        assert sum(one.people for one in found) == sum(people.values())
        assert {school for one in found for school in one.schools} == set(people)


@given(st.dictionaries(st.sampled_from(list(Stage)), st.integers(0, 12)))
def test_no_state_of_cases_tells_of_a_few_people(stages: dict[Stage, int]) -> None:
    told = counted("lena", stages)
    shown = [one for one in told.stages.values() if one is not None]
    assert not any(is_small(one) for one in shown)
    if told.people is not None and len(shown) < len(Stage):
        assert len(Stage) - len(shown) >= 2 and told.people - sum(shown) >= LEAST


# Streams

fields = st.sampled_from([Field.MAKING, Field.OFFICE, Field.CARE, None])
streams = st.lists(st.tuples(st.sampled_from("abc"), fields, st.booleans()), max_size=120)


@given(streams)
def test_no_stream_is_of_a_few_people_and_nobody_is_lost(
    people: list[tuple[str, Field | None, bool]],
) -> None:
    going = [((school, Kind.NAMED), None if placed else field, placed)
             for school, field, placed in people]  # fmt: skip
    count = Counter(school for school, _, _ in people)
    groups = told_groups([Row(name, Kind.NAMED, count[name], 0, 0.0) for name in sorted(count)])
    if not groups:
        return
    links = flow(groups, going)
    assert not any(is_small(link.people) for link in links)
    assert not links or sum(link.people for link in links) == len(people)


def test_a_district_too_small_for_any_group_tells_no_stream() -> None:
    assert flow((), [(("Hof", Kind.NAMED), Field.LAND, False)]) == ()
