"""Do we decide, or do we nod? What the planner sees of how proposals are handled."""

from __future__ import annotations

import streamlit as st

from office.handling import MOST_UNCHANGED, SHORTEST, Handling
from office.words import Language, number, percent, say
from views.parts import heading
from views.planner.asking import desk, user
from views.tables import Column, begun, counts, table


def monitor(reader: Language) -> None:
    """How many proposals went out as they were made, and how long a case takes; warnings first."""
    heading("Do we decide, or do we nod?", reader)
    st.markdown(
        say(
            "The plan proposes, people decide. Whoever sends nearly everything unchanged, or takes "
            "hardly any time, decides nothing. Told are schools with at least five people decided "
            "about, never single colleagues.",
            reader,
        )
    )
    told = desk().see_handling(by=user())
    if not told:
        st.markdown(say("Fewer than five people have been decided about so far.", reader))
        return
    whole = told[0]
    if whole.nods:
        words = "More than {share} of the proposals went out unchanged. Are they looked at?"
        st.warning(say(words, reader, share=percent(MOST_UNCHANGED, reader, 0)))
    if whole.hurries:
        words = "Half of all cases took less than {seconds} seconds. Is that enough to look?"
        st.warning(say(words, reader, seconds=number(SHORTEST, reader)))
    untold = say("not told", reader)
    figures = counts(reader)
    table(
        [
            Column(say("school", reader)),
            Column(say("people decided about", reader), figures),
            Column(say("sent unchanged", reader), figures),
            Column(say("seconds on a case (middle)", reader), figures),
            Column(say("note", reader)),
        ],
        [
            (
                _name(one, reader),
                one.people,
                untold if one.unchanged is None else one.unchanged,
                untold if one.seconds is None else one.seconds,
                _note(one, reader),
            )
            for one in told
        ],
        say("How proposals are handled, by school", reader),
        reader,
    )


def _name(one: Handling, reader: Language) -> str:
    if one.school is None:
        return begun(say("all together", reader))
    return one.school or begun(say("other schools together", reader))


def _note(one: Handling, reader: Language) -> str | None:
    notes = [
        *([say("hardly anything changed", reader)] if one.nods else []),
        *([say("very quick", reader)] if one.hurries else []),
    ]
    return begun(", ".join(notes)) if notes else None
