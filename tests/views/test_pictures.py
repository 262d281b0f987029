"""Do pictures show what their tables say? Charts, their tables and what is read out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from data.reference.shapes import municipality_shapes
from office.drawing import Drawn
from office.file_desk import FileDesk
from office.flow import Field, Link
from office.groups import Group, Kind
from office.outlook import Outlook, outlook
from office.season_now import Live, RateNow, SeasonNow
from office.words import LANGUAGES
from views.flow_picture import field_words, flow_picture, kept_flow_picture
from views.pictures import CHOSEN, Picture, municipalities, placements
from views.planner.season_charts import gauge


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return FileDesk().draw_sample("scarce")


@pytest.fixture(scope="module")
def seen(drawn: Drawn) -> Outlook:
    return outlook(drawn.problem, drawn.result.plan)


@pytest.fixture(scope="module")
def now(drawn: Drawn, seen: Outlook) -> SeasonNow:
    """The sample\u2019s season, with every proposal of its plan still to be sent."""
    problem, (rate, *_) = drawn.problem, drawn.rates
    one = RateNow(rate, 0.0, rate.expected, 0.0, seen)
    return SeasonNow(
        "2026/27", date(2025, 10, 1), date(2026, 3, 2), True, problem.target, 1, 0,
        Live((), 0, 0, 0), {}, (one,), {}, (),
    )  # fmt: skip


SHAPES = municipality_shapes()["features"]

GROUPS = [
    Group("Verl", Kind.NAMED, 100, None, 40.0),
    Group("Rietberg", Kind.NAMED, 80, 10, 40.0),
    Group(None, Kind.TOGETHER, 9, 9, 3.0, members=3),
    Group(None, Kind.ELSEWHERE, 12, 12, 3.0, members=2),
]

LINKS = (
    Link("A", Field.MAKING, 30),
    Link("A", Field.OTHERS, 10),
    Link("B", Field.MAKING, 20),
    Link(None, Field.CARE, 40),
)


def _spec(picture: Picture) -> dict[str, Any]:
    spec: dict[str, Any] = picture.chart.to_dict()
    return spec


def _rows(spec: dict[str, Any], layer: int = 0) -> list[dict[str, Any]]:
    part = spec["layer"][layer]
    while "data" not in part and "layer" in part:
        part = part["layer"][0]
    data = part.get("data") or spec["data"]
    values: list[dict[str, Any]] = data["values"]
    return values


def test_no_picture_asks_another_machine(now: SeasonNow, seen: Outlook) -> None:
    for reader in LANGUAGES:
        pictures = (
            gauge(now, now.own, reader),
            placements(seen, "1 von 3", reader),
            municipalities(GROUPS, SHAPES, reader),
            flow_picture(LINKS, reader),
        )
        for picture in pictures:
            assert '"url"' not in str(_spec(picture)).replace("'", '"')
            assert picture.described and picture.about and picture.rows
            assert all(len(row) == len(picture.columns) for row in picture.rows)


def _layers(spec: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    for layer in spec.get("layer", ()):
        yield from _layers(layer)
        if "values" in layer.get("data", {}):
            yield layer["data"]["values"]
    if "values" in spec.get("data", {}):
        yield spec["data"]["values"]


def test_the_bar_of_the_target_has_the_range_and_says_it(now: SeasonNow, seen: Outlook) -> None:
    picture = gauge(now, now.own, "de")
    layers = list(_layers(_spec(picture)))
    assert [seen.low, seen.high] in [[rows[0].get("low"), rows[0].get("high")] for rows in layers]
    assert f"{seen.low} bis {seen.high}" in picture.described
    assert (seen.low, seen.high) == (picture.rows[-2][1], picture.rows[-1][1])


def test_the_bar_ends_where_everybody_is_counted(now: SeasonNow) -> None:
    one = now.own
    bar = next(rows for rows in _layers(_spec(gauge(now, one, "en"))) if "part" in rows[0])
    placed, out, planned, rest = bar
    assert (placed["from"], placed["to"]) == (0, one.rate.placed)
    assert out["to"] == out["from"]
    assert planned["to"] == pytest.approx(one.rate.placed + one.rate.expected)
    assert rest["to"] == pytest.approx(one.rate.base)
    goals = [rows for rows in _layers(_spec(gauge(now, one, "en"))) if "wanted" in rows[0]]
    assert goals[0][0]["words"] == f"Target: {one.wanted} (1 in 3)"


def test_a_bar_of_more_than_everybody_keeps_its_line(now: SeasonNow) -> None:
    """A base given by hand may be smaller than what is expected."""
    rate = replace(now.own.rate, base=100)
    bar = next(rows for rows in _layers(_spec(gauge(now, replace(now.own, rate=rate), "de")))
               if "part" in rows[0])  # fmt: skip
    assert bar[3]["from"] == bar[3]["to"] > 100


def test_bars_change_their_colour_at_the_target(seen: Outlook) -> None:
    picture = placements(seen, "1 in 3", "en")
    rows = _rows(_spec(picture))
    assert {row["side"] for row in rows if row["low"] < seen.wanted} == {"Below the target"}
    assert {row["side"] for row in rows if row["low"] >= seen.wanted} == {"At the target or above"}
    assert [row["chance"] for row in rows] == [row[1] for row in picture.rows]


def test_certain_placements_make_one_bar(seen: Outlook) -> None:
    """A plan of nobody ends where it began."""
    only = replace(seen.stretches[0], low=66, high=66, chance=1.0)
    picture = placements(replace(seen, stretches=(only,)), "1 in 3", "en")
    assert picture.rows == (("66", 1.0),)


def test_the_map_leaves_few_people_blank_and_can_be_selected() -> None:
    picture = municipalities(GROUPS, SHAPES, "en")
    spec = _spec(picture)
    rows = {row["name"]: row for row in _rows(spec)}
    assert len(rows) == 13
    assert {name for name, row in rows.items() if row["class"] is not None} == {"Verl", "Rietberg"}
    assert rows["Verl"]["placed"] == "not told" and rows["Rietberg"]["placed"] == "10"
    assert rows["Halle (Westf.)"]["people"] == "under 5"
    assert [one["name"] for one in spec["params"]] == [CHOSEN]
    assert "Highest in Rietberg (50.0%), lowest in Verl (40.0%)." in picture.described
    assert [row[0] for row in picture.rows[2:]] == [
        "3 groups together",
        "Outside the district or not known",
    ]


def test_a_picture_that_is_kept_is_the_same_however_it_is_changed_by_who_shows_it() -> None:
    """The pages' server takes the data out of the chart that it is handed."""
    drawn, kept = flow_picture(tuple(LINKS), "en"), kept_flow_picture(tuple(LINKS), "en")
    kept.chart.to_dict().clear()
    assert kept.chart.to_dict() == drawn.chart.to_dict()
    assert (kept.rows, kept.described) == (drawn.rows, drawn.described)
    assert kept_flow_picture(tuple(LINKS), "de").described != kept.described


def test_streams_are_as_thick_as_there_are_people_and_do_not_overlap() -> None:
    picture = flow_picture(LINKS, "en")
    rows = _rows(_spec(picture))
    ends: dict[int, dict[float, tuple[float, float]]] = {}
    for row in rows:
        ends.setdefault(row["stream"], {})[row["x"]] = (row["y"], row["y2"])
    for stream, link in enumerate(LINKS):
        for top, bottom in ends[stream].values():
            assert bottom - top == pytest.approx(link.people / 100)
    for side in (0.0, 1.0):
        spans = sorted(points[side] for points in ends.values())
        for (_, bottom), (top, _) in pairwise(spans):
            assert top >= bottom - 1e-9
    assert picture.rows[-1] == ("Other schools together", "Health, care, teaching", 40)
    assert "100 people from 3 schools" in picture.described
    assert "Making things (50), Health, care, teaching (40)." in picture.described


def test_every_field_has_words_and_nobody_draws_nothing() -> None:
    assert max(Counter(field_words(field, "de") for field in Field).values()) == 1
    picture = flow_picture((), "en")
    assert picture.rows == () and _rows(_spec(picture)) == []
