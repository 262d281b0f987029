"""What would people rather look at? Charts, each with its table and a description in words.

A picture is made from facts and shown by `show`: the chart for eyes, the description for screen
readers, the table for both. Nothing is asked of any other machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import streamlit as st

from office.groups import Group, Kind
from office.outlook import Outlook
from office.words import Language, number, percent, say
from views.charts import (
    EXPECTED,
    LINE,
    axis,
    between,
    class_of,
    classes_of,
    drawn_map,
    tooltips,
)
from views.tables import Column, begun, counts, percents, table, tenths

#: The name under which the map's selection comes back: `event["selection"][CHOSEN]`.
CHOSEN = "municipality"

#: Bars of people too few for the target: darker than what is empty, paler than the rest.
SHORT = "#B9C0C9"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, the rows of its table, what the table holds, and the chart in words."""

    chart: Any
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    about: str
    described: str


def show(picture: Picture, reader: Language, key: str, selects: bool = False) -> Any:
    """Show a picture with its table folded away below; gives what was selected, if it `selects`."""
    event = st.altair_chart(
        picture.chart,
        key=key,
        alt=picture.described,
        on_select="rerun" if selects else "ignore",
    )
    with st.expander(say("The figures as a table", reader)):
        table(picture.columns, picture.rows, picture.about, reader, narrow=True)
    return event if selects else None


def placements(outlook: Outlook, share: str, reader: Language) -> Picture:
    """How likely it is that so many are placed in the end, on both sides of the target.

    `share` is the target's share in words.
    """
    facts = {"share": share, **outlook_facts(outlook, reader)}
    sides = (say("below the target", reader), say("at the target or above", reader))
    stretches = outlook.stretches
    rows = [
        {
            "low": one.low,
            "end": one.high + 1,
            "chance": one.chance,
            "side": begun(sides[one.low >= outlook.wanted]),
            "people_words": _stretch(one.low, one.high, reader),
            "chance_words": percent(one.chance, reader),
        }
        for one in stretches
    ]
    domain = [min((one.low for one in stretches), default=0),
              max((one.high + 1 for one in stretches), default=1)]  # fmt: skip
    domain = [min(domain[0], outlook.wanted), max(domain[1], outlook.wanted + 1)]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X(
                "low:Q",
                title=begun(say("people placed in the end", reader)),
                scale=alt.Scale(domain=domain, nice=False, zero=False),
                axis=axis(reader, grid=False, tickCount=7),
            ),
            x2="end:Q",
            y=alt.Y("chance:Q", title=None, axis=None, scale=alt.Scale(zero=True)),
            y2=alt.datum(0),
            color=alt.Color(
                "side:N",
                scale=alt.Scale(domain=[begun(side) for side in sides], range=[SHORT, EXPECTED]),
                legend=alt.Legend(title=None, orient="bottom", labelLimit=400),
            ),
            tooltip=tooltips(reader, ("people_words", "people"), ("chance_words", "chance")),
        )
    )
    line_words = begun(say("target: {wanted} ({share})", reader, **facts))
    line = alt.Chart(alt.Data(values=[{"low": outlook.wanted, "words": line_words}]))
    is_right = 2 * outlook.wanted > domain[0] + domain[1]
    rule = line.mark_rule(color=LINE, strokeWidth=3).encode(x="low:Q")
    said = line.mark_text(
        color=LINE, fontSize=14, fontWeight=600, y=-8,
        align="right" if is_right else "left", dx=-4 if is_right else 4,
    ).encode(x="low:Q", text="words:N")  # fmt: skip
    return Picture(
        (bars + rule + said).properties(
            height=280, padding={"top": 22, "left": 5, "right": 5, "bottom": 5}
        ),
        (Column(say("people", reader)), Column(say("chance", reader), percents(reader))),
        tuple((_stretch(one.low, one.high, reader), one.chance) for one in stretches),
        say("How likely so many are placed in the end", reader),
        say(
            "Distribution of the people placed in the end: with {within} certainty {low} to "
            "{high}; {chance} of it lies at the target of {wanted} or above.",
            reader,
            **facts,
        ),
    )


def _stretch(low: int, high: int, reader: Language) -> str:
    if low == high:
        return number(low, reader)
    return say("{low} to {high}", reader, low=number(low, reader), high=number(high, reader))


def outlook_facts(outlook: Outlook, reader: Language) -> dict[str, str]:
    """Where the season may end, in words."""
    return {
        "wanted": number(outlook.wanted, reader),
        "low": number(outlook.low, reader),
        "high": number(outlook.high, reader),
        "within": percent(outlook.within, reader, 0),
        "chance": percent(outlook.chance, reader),
    }


def municipalities(
    groups: Sequence[Group], shapes: Sequence[Mapping[str, Any]], reader: Language
) -> Picture:
    """The map by what is expected for each person; one can be selected, few people stay blank.

    `shapes` are GeoJSON features with `municipality`, `longitude` and `latitude`.
    """
    named = {group.name: group for group in groups if group.name is not None}
    classes = classes_of([group.rate for group in named.values() if group.people])
    words = [between(low, high, reader) for low, high in classes]
    rows = []
    for shape in shapes:
        facts = shape["properties"]
        group = named.get(facts["municipality"])
        rows.append(
            {
                **shape,
                "name": facts["municipality"],
                "label": facts["municipality"].replace("-", "-\n").replace(" ", "\n"),
                "longitude": facts["longitude"],
                "latitude": facts["latitude"],
                "class": words[class_of(group.rate, classes)] if group and group.people else None,
                **_told(group, reader),
            }
        )
    ranked = sorted((group for group in named.values() if group.people), key=lambda one: -one.rate)
    described = say("Map of what is expected for each person; the table has the figures.", reader)
    if len(ranked) > 1:
        described += " " + say(
            "Highest in {highest} ({high}), lowest in {lowest} ({low}).",
            reader,
            highest=ranked[0].name,
            high=percent(ranked[0].rate, reader),
            lowest=ranked[-1].name,
            low=percent(ranked[-1].rate, reader),
        )
    return Picture(
        drawn_map(rows, words, reader, CHOSEN),
        (
            Column(say("municipality", reader)),
            Column(say("counted", reader), counts(reader)),
            Column(say("placed so far", reader), counts(reader)),
            Column(say("expected besides", reader), tenths(reader)),
            Column(say("expected for each person", reader), percents(reader)),
        ),
        tuple(
            (
                group_name(group, reader),
                group.people,
                _placed(group, reader),
                group.expected,
                group.rate,
            )
            for group in groups
        ),
        say("People by municipality", reader),
        described,
    )


def _told(group: Group | None, reader: Language) -> dict[str, str]:
    untold = say("not told", reader)
    if group is None:
        few = say("under 5", reader)
        return {"people": few, "placed": untold, "expected": untold, "rate_words": untold}
    return {
        "people": number(group.people, reader),
        "placed": untold if group.placed is None else number(group.placed, reader),
        "expected": number(group.expected, reader, 1),
        "rate_words": percent(group.rate, reader),
    }


def _placed(group: Group, reader: Language) -> object:
    return say("not told", reader) if group.placed is None else group.placed


def group_name(group: Group, reader: Language) -> str:
    """A group's name, or what stands for it."""
    if group.name is not None:
        return group.name
    words = {
        Kind.OUTSIDE: say("outside the district", reader),
        Kind.UNKNOWN: say("not known", reader),
        Kind.ELSEWHERE: say("outside the district or not known", reader),
        Kind.REST: say("the rest, told together", reader),
    }
    together = say("{count} groups together", reader, count=number(group.members, reader))
    return begun(words.get(group.kind, together))
