"""Which places are there for one person? On a map and in a table, free ones, refused ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from office.counseling import Option, Sheet
from office.refusing import Refused
from office.words import Language, number, say
from office.words.cases import ruled_words
from office.words.counseling import (
    ground_words,
    option_words,
    range_words,
    refused_words,
    too_little_words,
    why_not_words,
)
from views.charts import INK, MAP_COLOURS, tooltips
from views.counselor.here import Here, note
from views.pictures import Picture, show
from views.tables import Column, begun, counts, long_table

#: Classes of free openings on the map: from so many on.
_CLASSES = (1, 3, 10)

#: So many alternatives are shown.
_BEST = 5

#: So many reasons stand in a row of the table.
_REASONS = 2


def options(at: Here, sheet: Sheet) -> None:
    """Every place that the rules allow, with its chance if chances are shown, and why not."""
    reader = at.reader
    if not sheet.options:
        st.markdown(say("The rules allow no place to this person.", reader))
        return
    if sheet.by_hand:
        note(
            say(
                "The person objected to being matched by a program: no chance is estimated, and "
                "places stand in the order of wishes and ways.",
                reader,
            )
        )
    elif not sheet.scoring:
        note(
            say(
                "Chances are not shown: judge a place below first, or choose otherwise under “How "
                "I want to work” with your cases. Places stand in the order of wishes and ways.",
                reader,
            )
        )
    elif any(one.too_little for one in sheet.options):
        note(
            say(
                "The past knows too little of some of these places for a figure: they come after "
                "the others, in the order of wishes and ways, and you decide by hand.",
                reader,
            )
        )
    only_free = st.checkbox(say("Only places with an opening free", reader), key="only_free")
    shown = [one for one in sheet.options if one.free > 0 or one.proposed or not only_free]
    columns = [Column(say(text, reader)) for text in ("Place", "where", "for and against")]
    if sheet.scoring:
        columns.append(Column(say("chance", reader)))
    columns.append(Column(say("openings free", reader), counts(reader)))
    if not sheet.by_hand:
        columns.append(Column(say("why not proposed", reader)))
    long_table(
        columns,
        [_row(one, sheet, reader) for one in shown],
        say("Places that the rules allow", reader),
        reader,
        "options",
    )


def _row(option: Option, sheet: Sheet, reader: Language) -> tuple[object, ...]:
    return (
        name_of(option),
        option.where,
        for_and_against(option, reader),
        *((chance_of(option, reader),) if sheet.scoring else ()),
        option.free,
        *(() if sheet.by_hand else (verdict(option, sheet, reader),)),
    )


def chance_of(option: Option, reader: Language) -> str:
    """The chance, or that there is too little experience for one."""
    return too_little_words(reader) if option.chance is None else range_words(option.chance, reader)


def name_of(option: Option) -> str:
    """The occupation and the firm."""
    return ", ".join(one for one in (option.occupation, option.employer) if one) or option.place


def refused_name(refused: Refused) -> str:
    """The occupation and the firm of a place that the rules refuse."""
    named = ", ".join(one for one in (refused.occupation, refused.employer) if one)
    return named or refused.place.rpartition(":")[2]


def told_apart(named: Mapping[str, str]) -> dict[str, str]:
    """The same names of places, with the firm's own number where two would read alike.

    A choice is known by its words: two that read alike would be one.
    """
    often = Counter(named.values())
    return {
        place: f"{name} ({place.rpartition(':')[2]})" if often[name] > 1 else name
        for place, name in named.items()
    }


def for_and_against(option: Option, reader: Language) -> str:
    """Wish and way, and the weightiest reasons of the chance where it is shown."""
    words = [option_words(option, reader)]
    words += (ground_words(ground, reader) for ground in option.grounds[:_REASONS])
    return begun("; ".join(words))


def verdict(option: Option, sheet: Sheet, reader: Language) -> str:
    """That it would be proposed, or why not; and what somebody decided."""
    ruled = "" if option.ruled is None else f" ({ruled_words(option.ruled, reader)})"
    if option.why_not is None:
        return begun(say("proposed in the next plan", reader)) + ruled
    why = why_not_words(
        option.why_not,
        reader,
        sheet.candidates,
        sheet.of_wishes,
        scoring=sheet.scoring,
        free=option.free > 0,
    )
    return why + ruled


def alternatives(at: Here, sheet: Sheet) -> None:
    """The best places with a free opening: whoever goes there moves nobody.

    By chance; what there is no figure for stands by itself, in the order of wishes.
    """
    reader = at.reader
    best = sheet.by_chance if sheet.scoring else sheet.by_wish
    if not best:
        st.markdown(say("Every place that the rules allow is proposed to others.", reader))
        return
    about = say("Alternatives that move nobody", reader)
    known = [one for one in best if not one.too_little]
    if known:
        _alternatives(sheet, known, about, "alternatives", reader)
    by_hand = [one for one in best if one.too_little]
    if by_hand:
        words = "Too little experience for a figure: in the order of wishes, you decide by hand."
        note(say(words, reader))
        _alternatives(sheet, by_hand, about, "alternatives_by_hand", reader)


def _alternatives(
    sheet: Sheet, best: Sequence[Option], about: str, key: str, reader: Language
) -> None:
    columns = [Column(say(text, reader)) for text in ("Place", "where", "for and against")]
    if sheet.scoring:
        columns.append(Column(say("chance", reader)))
    rows = [_row(one, sheet, reader)[: len(columns)] for one in best[:_BEST]]
    long_table(columns, rows, about, reader, key)


def refused_options(at: Here, sheet: Sheet) -> None:
    """Every place that a rule refuses: how many by each rule, and the two values."""
    reader = at.reader
    if not sheet.refused:
        st.markdown(say("No place is refused.", reader))
        return
    with st.expander(
        say("Places refused: {count}", reader, count=number(len(sheet.refused), reader))
    ):
        long_table(
            [Column(say(text, reader)) for text in ("Place", "where", "the rule and its value")],
            [(refused_name(one), one.where, refused_words(one, reader)) for one in sheet.refused],
            say("Places that the rules refuse", reader),
            reader,
            "refused",
        )


def option_map(at: Here, sheet: Sheet) -> None:
    """Where the places lie: free openings by municipality, drawn without a request to anywhere."""
    if sheet.options:
        show(_picture(at.desk.shapes(at.by), sheet.options, at.reader), at.reader, "option_map")


def _picture(
    shapes: Sequence[Mapping[str, Any]], found: Sequence[Option], reader: Language
) -> Picture:
    free: Counter[str] = Counter()
    offers: Counter[str] = Counter()
    nearest: dict[str, float] = {}
    for option in found:
        name = option.where or say("not known", reader)
        offers[name] += 1
        free[name] += option.free
        nearest[name] = min(option.minutes, nearest.get(name, option.minutes))
    words = [
        say("none free", reader),
        *(_class_words(low, after, reader) for low, after in _steps()),
    ]
    rows = [
        {
            **shape,
            "name": shape["properties"]["municipality"],
            "label": shape["properties"]["municipality"].replace("-", "-\n").replace(" ", "\n"),
            "longitude": shape["properties"]["longitude"],
            "latitude": shape["properties"]["latitude"],
            "class": words[_class(free[shape["properties"]["municipality"]])],
            "places": number(offers[shape["properties"]["municipality"]], reader),
            "free": number(free[shape["properties"]["municipality"]], reader),
        }
        for shape in shapes
    ]
    minutes = say("minutes to the nearest", reader)
    return Picture(
        _chart(rows, words, reader),
        (
            Column(say("municipality", reader)),
            Column(say("places allowed", reader), counts(reader)),
            Column(say("openings free", reader), counts(reader)),
            Column(minutes, counts(reader)),
        ),
        tuple((name, offers[name], free[name], nearest[name]) for name in sorted(offers)),
        say("Where the places lie that the rules allow", reader),
        say(
            "Map of the openings that are free to this person by municipality; the table has the "
            "figures.",
            reader,
        ),
    )


def _steps() -> list[tuple[int, int | None]]:
    return list(zip(_CLASSES, (*_CLASSES[1:], None), strict=True))


def _class(free: int) -> int:
    return sum(free >= low for low in _CLASSES)


def _class_words(low: int, after: int | None, reader: Language) -> str:
    if after is None:
        return say("{low} and more free", reader, low=number(low, reader))
    facts = {"low": number(low, reader), "high": number(after - 1, reader)}
    return say("{low} to {high} free", reader, **facts)


def _chart(rows: list[dict[str, Any]], words: list[str], reader: Language) -> Any:
    colour = alt.Color(
        "class:N",
        title=begun(say("openings free", reader)),
        scale=alt.Scale(domain=words, range=["#F4F5F7", *MAP_COLOURS[1:]]),
        legend=alt.Legend(orient="bottom", columns=2, symbolType="square", symbolSize=220),
    )
    told = tooltips(
        reader, ("name", "municipality"), ("places", "places allowed"), ("free", "openings free")
    )
    cells = (
        alt.Chart(alt.Data(values=rows))
        .mark_geoshape(stroke="#9AA3AE", strokeWidth=1)
        .encode(color=colour, tooltip=told)
    )
    names = (
        alt.Chart(alt.Data(values=rows))
        .mark_text(color=INK, fontSize=11, lineBreak="\n", baseline="middle")
        .encode(longitude="longitude:Q", latitude="latitude:Q", text="label:N")
    )
    return (cells + names).project("mercator").properties(height=420)
