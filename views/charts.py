"""What does it look like? Charts drawn from facts, without a request to anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import altair as alt

from office.glance import Area, Glance, Step
from office.words import Language, number, percent, say
from views.tables import begun

#: Dark enough to stand on white, light enough to carry dark letters.
_PLACED, _EXPECTED, _REST = "#1F4E79", "#7FB2DC", "#E3E7EC"
_LINE, _INK = "#B3261E", "#1B1F24"
_MAP_COLOURS = ["#EAF3FB", "#C5DEF2", "#9CC6E8", "#6FA8D6"]

#: The least width of a class on the map, in percent: closer rates are not told apart.
_MAP_STEP = 2

#: How far below the top of the chart the middle of the bar lies, in pixels.
_BAR = 54


def share_words(plan: Glance, reader: Language) -> str:
    """The target's share: 1 in 3."""
    facts = {"part": plan.share.numerator, "whole": plan.share.denominator}
    return say("{part} in {whole}", reader, **facts)


def gauge(plan: Glance, reader: Language) -> Any:
    """A bar of everybody counted: placed, expected, the rest; a line where the target lies."""
    parts = (
        (begun(say("placed so far", reader)), float(plan.placed)),
        (begun(say("expected from the plan", reader)), plan.expected),
        (begun(say("not yet placed", reader)), max(0.0, plan.base - plan.placed - plan.expected)),
    )
    end = 0.0
    rows = []
    for name, count in parts:
        words = number(count, reader)
        rows.append({"part": name, "from": end, "to": end + count, "people": words})
        end += count
    facts = {"wanted": number(plan.wanted, reader), "share": share_words(plan, reader)}
    wanted = begun(say("target: {wanted} ({share})", reader, **facts))
    names = [name for name, _ in parts]
    bar = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=44, y=_BAR)
        .encode(
            x=alt.X(
                "from:Q",
                title=begun(say("people", reader)),
                scale=alt.Scale(domain=[0, max(end, 1)], nice=False),
                axis=_axis(reader, grid=False, tickCount=6),
            ),
            x2="to:Q",
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=names, range=[_PLACED, _EXPECTED, _REST]),
                legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=400),
            ),
            tooltip=_tooltips(reader, ("part", "part"), ("people", "people")),
        )
    )
    mark = alt.Chart(alt.Data(values=[{"wanted": plan.wanted, "words": wanted}])).encode(
        x="wanted:Q"
    )
    line = mark.mark_rule(color=_LINE, strokeWidth=3, y=20, y2=_BAR + 30)
    side = "left" if 2 * plan.wanted < plan.base else "right"
    text = mark.mark_text(
        color=_LINE, y=10, dx=-4 if side == "left" else 4, align=side, fontSize=14, fontWeight=600
    ).encode(text="words:N")
    return (bar + line + text).properties(height=215)


def trade_off(steps: Sequence[Step], chosen: Step, reader: Language) -> Any:
    """Every plan tried, from most expected placements to most wishes; the chosen one marked."""
    kinds = [begun(say("chosen plan", reader)), begun(say("other plan", reader))]
    rows = [
        {
            "expected": step.expected,
            "wishes": step.wishes,
            "kind": kinds[0 if step == chosen else 1],
            "expected_words": number(step.expected, reader, 1),
            "wishes_words": number(step.wishes, reader, 1),
            "chance_words": percent(step.chance, reader),
        }
        for step in steps
    ]
    x = alt.X(
        "expected:Q",
        title=begun(say("expected placements", reader)),
        scale=alt.Scale(zero=False, padding=24),
        axis=_axis(reader, tickCount=6),
    )
    y = alt.Y(
        "wishes:Q",
        title=begun(say("wish points", reader)),
        scale=alt.Scale(zero=False, padding=24),
        axis=_axis(reader, tickCount=5),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    dots = base.mark_point(filled=True, size=140, opacity=1).encode(
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[_LINE, _EXPECTED]),
            legend=alt.Legend(title=None, orient="bottom"),
        ),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
        tooltip=_tooltips(
            reader,
            ("kind", "plan"),
            ("expected_words", "expected placements"),
            ("wishes_words", "wish points"),
            ("chance_words", "chance of the target"),
        ),
    )
    return (base.mark_line(color=_EXPECTED, strokeWidth=2) + dots).properties(height=280)


def district_map(plan: Glance, reader: Language) -> Any:
    """The district's municipalities, coloured by expected placements per person who looks."""
    classes = classes_of([area.rate for area in plan.areas if area.name and area.people])
    words = [_between(low, high, reader) for low, high in classes]
    shapes = _shapes(plan, classes, words, reader)
    colour = alt.Color(
        "class:N",
        title=begun(say("expected rate", reader)),
        scale=alt.Scale(domain=words, range=_MAP_COLOURS[: len(words)]),
        legend=alt.Legend(
            orient="bottom",
            columns=2,
            symbolType="square",
            symbolSize=220,
            symbolStrokeColor=_INK,
            symbolStrokeWidth=0.5,
        ),
    )
    cells = (
        alt.Chart(alt.Data(values=shapes))
        .mark_geoshape(stroke="white", strokeWidth=2)
        .encode(
            color=colour,
            tooltip=_tooltips(
                reader,
                ("name", "municipality"),
                ("people", "looking"),
                ("proposals", "proposals"),
                ("expected", "expected placements"),
                ("rate_words", "expected rate"),
            ),
        )
    )
    names = (
        alt.Chart(alt.Data(values=shapes))
        .mark_text(color=_INK, fontSize=11, lineBreak="\n", baseline="middle")
        .encode(longitude="longitude:Q", latitude="latitude:Q", text="label:N")
    )
    return (cells + names).project("mercator").properties(height=460)


def _shapes(
    plan: Glance, classes: Sequence[tuple[int, int]], words: Sequence[str], reader: Language
) -> list[dict[str, Any]]:
    areas = {area.name: area for area in plan.areas if area.name is not None}
    rows = []
    for shape in plan.shapes:
        facts = shape["properties"]
        name = facts["municipality"]
        area = areas.get(name, Area(name, 0, 0, 0.0))
        rows.append(
            {
                **shape,
                "name": name,
                "label": name.replace("-", "-\n").replace(" ", "\n"),
                "longitude": facts["longitude"],
                "latitude": facts["latitude"],
                "class": words[class_of(area.rate, classes)] if area.people else None,
                "people": number(area.people, reader),
                "proposals": number(area.proposals, reader),
                "expected": number(area.expected, reader, 1),
                "rate_words": percent(area.rate, reader),
            }
        )
    return rows


def classes_of(rates: Sequence[float]) -> list[tuple[int, int]]:
    """Up to four classes of equal width, in percent, that hold all rates: low <= rate < high."""
    points = [_points(rate) for rate in rates] or [0]
    low, high, width = min(points), max(points), _MAP_STEP
    while high // width - low // width >= len(_MAP_COLOURS):
        width += _MAP_STEP
    steps = range(low // width, high // width + 1)
    return [(step * width, (step + 1) * width) for step in steps]


def class_of(rate: float, classes: Sequence[tuple[int, int]]) -> int:
    """Which of the classes a rate belongs to."""
    return next(n for n, (low, high) in enumerate(classes) if low <= _points(rate) < high)


def _points(rate: float) -> int:
    """Whole percent; what a double can't hold exactly, such as 0.57, is not pushed below."""
    return floor(100 * rate + 1e-9)


def _between(low: int, high: int, reader: Language) -> str:
    facts = {"low": number(low, reader), "high": percent(high / 100, reader, 0)}
    return say("{low} to under {high}", reader, **facts)


def _axis(reader: Language, **more: Any) -> Any:
    words = _decimal("format(datum.value, ',')", reader)
    return alt.Axis(labelExpr=words, labelOverlap=True, **more)


def _decimal(expression: str, reader: Language) -> str:
    """A Vega expression with the reader's thousands separator."""
    return f"replace({expression}, ',', '.')" if reader == "de" else expression


def _tooltips(reader: Language, *fields: tuple[str, str]) -> list[Any]:
    return [alt.Tooltip(f"{name}:N", title=begun(say(title, reader))) for name, title in fields]
