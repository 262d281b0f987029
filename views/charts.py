"""What does it look like? Charts drawn from facts, without a request to anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import altair as alt

from office.glance import Step
from office.words import Language, number, percent, say
from views.tables import begun

#: Dark enough to stand on white, light enough to carry dark letters.
PLACED, EXPECTED, REST = "#1F4E79", "#7FB2DC", "#E3E7EC"
LINE, INK = "#B3261E", "#1B1F24"
MAP_COLOURS = ["#EAF3FB", "#C5DEF2", "#9CC6E8", "#6FA8D6"]

#: The least width of a class on the map, in percent: closer rates are not told apart.
_MAP_STEP = 2

#: How far below the top of the chart the middle of the bar lies, in pixels.
BAR = 54


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
        axis=axis(reader, tickCount=6),
    )
    y = alt.Y(
        "wishes:Q",
        title=begun(say("wish points", reader)),
        scale=alt.Scale(zero=False, padding=24),
        axis=axis(reader, tickCount=5),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    dots = base.mark_point(filled=True, size=140, opacity=1).encode(
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[LINE, EXPECTED]),
            legend=alt.Legend(title=None, orient="bottom"),
        ),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
        tooltip=tooltips(
            reader,
            ("kind", "plan"),
            ("expected_words", "expected placements"),
            ("wishes_words", "wish points"),
            ("chance_words", "chance of the target"),
        ),
    )
    return (base.mark_line(color=EXPECTED, strokeWidth=2) + dots).properties(height=280)


def drawn_map(
    shapes: Sequence[dict[str, Any]],
    words: Sequence[str],
    reader: Language,
    chosen: str | None = None,
) -> Any:
    """A map of shapes with `class`, `label` and the facts that are told on pointing at them.

    `words` are the classes, lowest first. With `chosen` shapes can be selected by their `name`,
    under this name.
    """
    colour = alt.Color(
        "class:N",
        title=begun(say("expected for each person", reader)),
        scale=alt.Scale(domain=list(words), range=MAP_COLOURS[: len(words)]),
        legend=alt.Legend(
            orient="bottom",
            columns=2,
            symbolType="square",
            symbolSize=220,
            symbolStrokeColor=INK,
            symbolStrokeWidth=0.5,
        ),
    )
    cells = (
        alt.Chart(alt.Data(values=shapes))
        .mark_geoshape(stroke="white", strokeWidth=2)
        .encode(
            color=colour,
            tooltip=tooltips(
                reader,
                ("name", "municipality"),
                ("people", "counted"),
                ("placed", "placed so far"),
                ("expected", "expected besides"),
                ("rate_words", "expected for each person"),
            ),
        )
    )
    if chosen is not None:
        point = alt.selection_point(fields=["name"], name=chosen, on="click")
        cells = cells.add_params(point).encode(
            opacity=alt.condition(point, alt.value(1), alt.value(0.35))
        )
    names = (
        alt.Chart(alt.Data(values=shapes))
        .mark_text(color=INK, fontSize=11, lineBreak="\n", baseline="middle")
        .encode(longitude="longitude:Q", latitude="latitude:Q", text="label:N")
    )
    return (cells + names).project("mercator").properties(height=460)


def classes_of(rates: Sequence[float]) -> list[tuple[int, int]]:
    """Up to four classes of equal width, in percent, that hold all rates: low <= rate < high."""
    points = [_points(rate) for rate in rates] or [0]
    low, high, width = min(points), max(points), _MAP_STEP
    while high // width - low // width >= len(MAP_COLOURS):
        width += _MAP_STEP
    steps = range(low // width, high // width + 1)
    return [(step * width, (step + 1) * width) for step in steps]


def class_of(rate: float, classes: Sequence[tuple[int, int]]) -> int:
    """Which of the classes a rate belongs to."""
    return next(n for n, (low, high) in enumerate(classes) if low <= _points(rate) < high)


def _points(rate: float) -> int:
    """Whole percent; what a double can't hold exactly, such as 0.57, is not pushed below."""
    return floor(100 * rate + 1e-9)


def between(low: int, high: int, reader: Language) -> str:
    """A class of the map: from so many percent to under so many."""
    facts = {"low": number(low, reader), "high": percent(high / 100, reader, 0)}
    return say("{low} to under {high}", reader, **facts)


def axis(reader: Language, **more: Any) -> Any:
    """An axis of numbers as the reader writes them."""
    words = _decimal("format(datum.value, ',')", reader)
    return alt.Axis(labelExpr=words, labelOverlap=True, **more)


def _decimal(expression: str, reader: Language) -> str:
    """A Vega expression with the reader's thousands separator."""
    return f"replace({expression}, ',', '.')" if reader == "de" else expression


def tooltips(reader: Language, *fields: tuple[str, str]) -> list[Any]:
    """What is told on pointing at a mark: fields of its row, each with its title."""
    return [alt.Tooltip(f"{name}:N", title=begun(say(title, reader))) for name, title in fields]
