"""Who are our pupils, what do they wish, and what became of them? The school's own view by name."""

from __future__ import annotations

from functools import partial

import streamlit as st

from matching.errors import FaultyInput
from office.words import number, say
from office.words.school import became_of, ground_words, stands_words, wish_words
from views.parts import heading, plain
from views.school.here import Here, here, said_now, say_later, small
from views.school.pupil import sheet
from views.tables import Column, begun, table

#: Of a figure, in pixels.
_WIDTH = 210

#: Pupils on one page.
AT_ONCE = 20


def page() -> None:
    """The roll, or one pupil of it."""
    at = here()
    if at is None:
        return
    st.title(say("Our pupils", at.reader), anchor=False)
    said_now()
    # A pseudonym: the address tells nobody who it is, and F5 finds the pupil again.
    chosen = st.query_params.get("pupil")
    if not chosen:
        roll(at)
        return
    try:
        found = at.desk.pupil(chosen, at.school, at.by)
    except FaultyInput:
        st.query_params.pop("pupil", None)
        say_later("error", say("Your school has no such pupil.", at.reader))
        st.rerun()
    sheet(at, found)


def roll(at: Here) -> None:
    """Everybody, a page at a time, to be searched."""
    reader = at.reader
    totals = at.desk.totals(at.school, at.by)
    if not totals.people and not totals.gone:
        st.info(
            say(
                "Nobody is here yet. Hand in the list of your pupils on the page “Hand in a list”; "
                "the page “Help for schools” has a template.",
                reader,
            )
        )
        return
    with st.container(horizontal=True):
        st.metric(say("Pupils", reader), number(totals.people, reader), border=True, width=_WIDTH)
        st.metric(
            say("May be matched", reader), number(totals.matched, reader), border=True, width=_WIDTH
        )
        if totals.gone:
            gone = say("No longer named", reader)
            st.metric(gone, number(totals.gone, reader), border=True, width=_WIDTH)
    stands = [
        f"{plain(words)}: **{number(count, reader)}**"
        for words, count in stands_words(totals, reader).items()
    ]
    st.markdown(begun(" · ".join(stands)))
    small(
        say(
            "These are your own pupils by name: the figures are exact. Outside your school no "
            "figure of fewer than five people is told. That you look at names is logged.",
            reader,
        )
    )
    _list(at)
    _take_along(at)


def _list(at: Here) -> None:
    reader = at.reader
    left, right = st.columns([2, 1])
    with left:
        search = st.text_input(say("Name or number begins with", reader), key="search")
    with right:
        classes = ("", *at.desk.classes(at.school, at.by))
        chosen_class = st.selectbox(
            say("Class", reader),
            classes,
            format_func=lambda one: one or say("all classes", reader),
            key="class",
        )
    total = at.desk.pupils(
        at.school, at.by, search=search, school_class=chosen_class or None, limit=0
    ).total
    if not total:
        st.markdown(say("Nobody is found by that. Try fewer letters or all classes.", reader))
        return
    starts = range(0, total, AT_ONCE)
    first = 0
    left, right = st.columns([2, 1])
    if len(starts) > 1:

        def which(start: int) -> str:
            facts = {"first": start + 1, "last": min(start + AT_ONCE, total), "all": total}
            words = {name: number(value, reader) for name, value in facts.items()}
            return say("{first} to {last} of {all}", reader, **words)

        first = right.selectbox(
            say("Pupils shown", reader),
            starts,
            format_func=which,
            key=f"page_{search}_{chosen_class}",
        )
    found = at.desk.pupils(
        at.school,
        at.by,
        search=search,
        school_class=chosen_class or None,
        offset=first,
        limit=AT_ONCE,
    )
    names = {one.pseudonym: one.name for one in found.pupils}
    picked = left.selectbox(
        say("Open one pupil", reader),
        list(names),
        index=None,
        placeholder=say("Choose a name", reader),
        format_func=lambda one: names.get(one, ""),
        key=f"open_{st.session_state.get('pupils_opened', 0)}",
    )
    if picked is not None:
        st.query_params["pupil"] = picked
        st.session_state["pupils_opened"] = st.session_state.get("pupils_opened", 0) + 1
        st.rerun()
    folder = at.desk.settings.data_folder
    heading_words = ("Name", "Class", "What became of them", "Legal basis", "All wishes")
    table(
        [Column(say(words, reader)) for words in heading_words],
        [
            (
                one.name,
                one.school_class,
                became_of(one, reader)
                if one.present
                else say("no longer named by your list", reader),
                ground_words(one.ground, reader),
                wish_words(one, folder) or None,
            )
            for one in found.pupils
        ],
        say("Our pupils", reader),
        reader,
    )


def _take_along(at: Here) -> None:
    reader = at.reader
    heading("Take the list along", reader)
    st.markdown(
        say(
            "Everybody of your school with names and all that is kept of them. Keep the file as "
            "safe as your class registers; that it was taken is logged.",
            reader,
        )
    )
    with st.container(horizontal=True):
        for kind, mime in _KINDS.items():
            st.download_button(
                say("Save our pupils as {kind}", reader, kind=kind.upper()),
                partial(at.desk.own_list, at.school, at.by, kind),
                f"schule_{at.school}.{kind}",
                mime,
                key=f"own_list_{kind}",
                on_click="ignore",
            )


_KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

page()
