"""Who goes where, at a glance? Streams from the schools into the fields of work proposed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import altair as alt

from office.flow import Field, Link
from office.words import Language, number, say
from views.charts import INK, tooltips
from views.pictures import Picture
from views.tables import Column, begun, counts

_FIELDS: dict[Field, str] = {
    Field.LAND: "Farming, gardens, animals",
    Field.MAKING: "Making things",
    Field.BUILDING: "Building and building services",
    Field.SCIENCE: "IT and science",
    Field.TRAFFIC: "Transport, logistics, security",
    Field.TRADE: "Trade, hotels, tourism",
    Field.OFFICE: "Office, finance, administration",
    Field.CARE: "Health, care, teaching",
    Field.MEDIA: "Media, arts, design",
    Field.MILITARY: "Armed forces",
    Field.UNKNOWN: "Field not known",
    Field.OTHERS: "Placed, no proposal, or few",
}

#: One colour a field, told apart by eyes that see red and green alike; grey is no field.
_COLOURS: dict[Field, str] = {
    Field.LAND: "#5B8C3A",
    Field.MAKING: "#1F4E79",
    Field.BUILDING: "#C46A1B",
    Field.SCIENCE: "#4B3F8F",
    Field.TRAFFIC: "#8A6D3B",
    Field.TRADE: "#2A9D8F",
    Field.OFFICE: "#7FB2DC",
    Field.CARE: "#C2527F",
    Field.MEDIA: "#D9A400",
    Field.MILITARY: "#4F5B4A",
    Field.UNKNOWN: "#8C939C",
    Field.OTHERS: "#B9C0C9",
}

#: Room between two blocks, as a part of everybody; width of a block; points along a stream.
_GAP, _BLOCK, _POINTS = 0.012, 0.012, 25

#: Room for names at each side, as a part of the way from the schools to the fields.
_MARGIN = 0.75


def field_words(field: Field, reader: Language) -> str:
    """A field of work in words."""
    return say(_FIELDS[field], reader)


@dataclass(slots=True, eq=False)
class _Worded:
    """A chart that is put into words once: thousands of points are checked while that is done."""

    chart: Any
    _words: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The words; each time other ones, since whoever shows them changes them."""
        if not self._words:
            self._words = json.dumps(self.chart.to_dict())
        found: dict[str, Any] = json.loads(self._words)
        return found


@lru_cache(maxsize=8)
def kept_flow_picture(links: tuple[Link, ...], reader: Language) -> Picture:
    """The same picture, drawn once for all runs of a page; no name is in it."""
    picture = flow_picture(links, reader)
    return replace(picture, chart=_Worded(picture.chart))


def flow_picture(links: Sequence[Link], reader: Language) -> Picture:
    """The streams, schools at the left, fields at the right; as thick as there are people."""
    whole = sum(link.people for link in links) or 1
    schools = list(dict.fromkeys(link.school for link in links))
    fields = [field for field in Field if any(link.field is field for link in links)]
    left = _blocks([sum(n.people for n in links if n.school == one) / whole for one in schools])
    right = _blocks([sum(n.people for n in links if n.field is one) / whole for one in fields])
    names = [_school(one, reader) for one in schools]
    blocks = [
        *_rows(zip(names, left, strict=True), "school"),
        *_rows(zip((field_words(one, reader) for one in fields), right, strict=True), "field"),
    ]
    for row, field in zip(blocks[len(schools) :], fields, strict=True):
        row["colour"] = _COLOURS[field]
    streams = _streams(links, schools, fields, left, right, reader)
    bottom = max([top + tall for top, tall in (*left, *right)], default=1)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-_MARGIN, 1 + _MARGIN], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, bottom], reverse=True, nice=False))
    area = (
        alt.Chart(alt.Data(values=streams))
        .mark_area(opacity=0.55)
        .encode(
            x=x,
            y=y,
            y2="y2:Q",
            detail="stream:N",
            color=alt.Color("colour:N", scale=None),
            tooltip=tooltips(
                reader, ("school", "school"), ("field", "field of work"), ("people", "people")
            ),
        )
    )
    base = alt.Chart(alt.Data(values=blocks))
    rects = base.mark_rect().encode(
        x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("colour:N", scale=None)
    )
    # As long as the margin is wide, whatever the width of the screen.
    room = alt.expr(f"width * {_MARGIN / (1 + 2 * _MARGIN):.3f} - 10")
    labels = [
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=align, dx=dx, color=INK, fontSize=11, limit=room)
        .encode(x="at:Q", y="middle:Q", text="name:N")
        for side, align, dx in (("school", "right", -4), ("field", "left", 4))
    ]
    return Picture(
        alt.layer(area, rects, *labels).properties(height=max(320, 26 * len(schools) + 60)),
        (
            Column(say("school", reader)),
            Column(say("field of work", reader)),
            Column(say("people", reader), counts(reader)),
        ),
        tuple(
            (_school(link.school, reader), field_words(link.field, reader), link.people)
            for link in links
        ),
        say("Into which fields of work the proposals lead, by school", reader),
        _described(links, fields, reader),
    )


def _school(name: str | None, reader: Language) -> str:
    return name or begun(say("other schools together", reader))


def _blocks(shares: Sequence[float]) -> list[tuple[float, float]]:
    """Where each block begins and how tall it is, from the top down."""
    top, blocks = 0.0, []
    for share in shares:
        blocks.append((top, share))
        top += share + _GAP
    return blocks


def _rows(named: Any, side: str) -> list[dict[str, Any]]:
    at = 0.0 if side == "school" else 1.0
    outer = at - _BLOCK if side == "school" else at + _BLOCK
    return [
        {
            "name": name,
            "side": side,
            "x": min(at, outer),
            "x2": max(at, outer),
            "at": outer,
            "y": top,
            "y2": top + tall,
            "middle": top + tall / 2,
            "colour": "#575D66",
        }
        for name, (top, tall) in named
    ]


def _streams(
    links: Sequence[Link],
    schools: Sequence[str | None],
    fields: Sequence[Field],
    left: Sequence[tuple[float, float]],
    right: Sequence[tuple[float, float]],
    reader: Language,
) -> list[dict[str, Any]]:
    """The outline of each stream: it leaves its school and enters its field in their order."""
    whole = sum(link.people for link in links) or 1
    leaves = {school: top for school, (top, _) in zip(schools, left, strict=True)}
    enters = {field: top for field, (top, _) in zip(fields, right, strict=True)}
    rows = []
    for stream, link in enumerate(links):
        start, end, thick = leaves[link.school], enters[link.field], link.people / whole
        leaves[link.school] += thick
        enters[link.field] += thick
        told = {
            "stream": stream,
            "school": _school(link.school, reader),
            "field": field_words(link.field, reader),
            "people": number(link.people, reader),
            "colour": _COLOURS[link.field],
        }
        for point in range(_POINTS):
            x = point / (_POINTS - 1)
            y = start + (end - start) * x * x * (3 - 2 * x)
            rows.append({**told, "x": x, "y": y, "y2": y + thick})
    return rows


def _described(links: Sequence[Link], fields: Sequence[Field], reader: Language) -> str:
    totals = {field: sum(n.people for n in links if n.field is field) for field in fields}
    largest = sorted((f for f in totals if f is not Field.OTHERS), key=lambda f: -totals[f])[:3]
    words = say(
        "Streams of {people} people from {schools} schools into fields of work.",
        reader,
        people=number(sum(totals.values()), reader),
        schools=number(len({link.school for link in links}), reader),
    )
    if largest:
        named = ", ".join(
            f"{field_words(field, reader)} ({number(totals[field], reader)})" for field in largest
        )
        words += " " + say("The largest: {fields}.", reader, fields=named)
    return words
