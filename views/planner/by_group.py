"""How does each group stand? By school, municipality and wish, on a map, one from closer by."""

from __future__ import annotations

import streamlit as st

from office.groups import Group
from office.season_groups import Dimension
from office.season_now import SeasonNow
from office.words import Language, say
from views.flow_picture import kept_flow_picture
from views.parts import heading, plain
from views.pictures import CHOSEN, group_name, municipalities, show
from views.planner.asking import desk, small, user
from views.tables import Column, begun, counts, percents, table, tenths

_DIMENSIONS: dict[Dimension, str] = {
    Dimension.SCHOOL: "school",
    Dimension.MUNICIPALITY: "municipality",
    Dimension.OCCUPATION: "first wish",
}


def by_group(now: SeasonNow, reader: Language) -> None:
    """Everybody who is counted, by school, municipality or wish, and one group from closer by."""
    heading("By school, municipality and wish", reader)
    chosen_dimension = st.radio(
        say("Grouped by", reader),
        tuple(Dimension),
        format_func=lambda one: begun(say(_DIMENSIONS[one], reader)),
        key="dimension",
        horizontal=True,
    )
    dimension = chosen_dimension or Dimension.SCHOOL
    groups = now.groups[dimension]
    if not groups:
        st.markdown(say("Fewer than five people are counted; nothing is told of groups.", reader))
        return
    if dimension is Dimension.MUNICIPALITY:
        _on_the_map(now, reader)
    else:
        _group_table(groups, dimension, reader)
    small(
        say(
            "Groups of fewer than five people are told together; where fewer than five are placed, "
            "or not placed, their number is not told.",
            reader,
        )
    )
    key = f"group_{dimension}"
    names = [one.name for one in groups if one.name is not None]
    chosen = st.selectbox(
        say("Look at one of them", reader),
        names,
        index=None,
        placeholder=say("Choose", reader),
        key=key,
    )
    if chosen is not None:
        _closer(dimension, chosen, reader)


def _on_the_map(now: SeasonNow, reader: Language) -> None:
    """The map, whose municipalities can be chosen; its table says the same."""
    groups = now.groups[Dimension.MUNICIPALITY]
    event = show(municipalities(groups, now.shapes, reader), reader, "map", selects=True)
    if now.schematic:
        words = "Schematic map: neighbours are right only roughly, borders are not official."
        small(say(words, reader))
    picked = event["selection"].get(CHOSEN) if event else None
    known = {one.name for one in groups}
    name = picked[0].get("name") if picked else None
    # Only a new click chooses: afterwards the list below has the last word.
    if name != st.session_state.get("on_map"):
        st.session_state["on_map"] = name
        if name in known:
            st.session_state["group_municipality"] = name


def _closer(dimension: Dimension, name: str, reader: Language) -> None:
    found = desk().see_group(dimension, name, by=user())
    st.markdown(
        say(
            "**{name}** by other groups. What would tell of fewer than five people is told "
            "together.",
            reader,
            name=plain(name),
        )
    )
    for other, groups in found.items():
        if groups:
            _part_table(groups, other, reader)
        else:
            words = "Nothing can be told here without telling of fewer than five people."
            small(f"{begun(say(_DIMENSIONS[other], reader))}: {say(words, reader)}")


def _part_table(groups: tuple[Group, ...], dimension: Dimension, reader: Language) -> None:
    table(
        [
            Column(say(_DIMENSIONS[dimension], reader)),
            Column(say("counted", reader), counts(reader)),
            Column(say("expected besides", reader), tenths(reader)),
        ],
        [(group_name(one, reader), one.people, one.expected) for one in groups],
        say("People by group", reader),
        reader,
        narrow=True,
    )


def _group_table(groups: tuple[Group, ...], dimension: Dimension, reader: Language) -> None:
    whole = counts(reader)
    untold = say("not told", reader)
    table(
        [
            Column(say(_DIMENSIONS[dimension], reader)),
            Column(say("counted", reader), whole),
            Column(say("placed so far", reader), whole),
            Column(say("expected besides", reader), tenths(reader)),
            Column(say("expected rate", reader), percents(reader)),
        ],
        [
            (
                group_name(one, reader),
                one.people,
                untold if one.placed is None else one.placed,
                one.expected,
                untold if one.rate_in_the_end is None else one.rate_in_the_end,
            )
            for one in groups
        ],
        say("People by group", reader),
        reader,
    )


def streams(now: SeasonNow, reader: Language) -> None:
    """From the schools into the fields of work that are proposed."""
    if not now.streams or now.plan is None:
        return
    heading("From schools into fields of work", reader)
    st.markdown(say("Proposals that stand today, by school and field of work.", reader))
    show(kept_flow_picture(now.streams, reader), reader, "streams")
