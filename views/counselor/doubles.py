"""Are these two one person? Pairs that wait for a ruling, side by side."""

from __future__ import annotations

import streamlit as st

from matching.errors import UebergangError
from office.counseling_desk import Pair, Purpose, Side
from office.words import Language, day, number, say
from office.words.cases import occupation_words
from office.words.counseling import value_words
from office.words.keeping import purpose_words
from views.counselor.here import Here, here, note, said_now, say_later, why_not
from views.parts import heading, page_help, plain
from views.tables import Column, begun, table

#: For what names may be looked at here.
_PURPOSES = (Purpose.CORRECTION, Purpose.SCHOOL)

#: So many pairs stand on the page.
_EACH = 10

_OPEN = "counselor_pair"


def page() -> None:
    """The pairs that wait, the one that is open, and those that were ruled on."""
    at = here()
    st.title(say("Possible doubles", at.reader), anchor=False)
    said_now()
    total, waiting = at.desk.pairs(at.by, count=_EACH)
    if not waiting:
        st.info(say("No pair waits for a ruling.", at.reader))
    else:
        st.markdown(
            say(
                "Pairs that wait: {count}. The likeliest stand first. Names are shown on a click, "
                "for a purpose, and that is logged.",
                at.reader,
                count=number(total, at.reader),
            )
        )
        purpose = st.selectbox(
            say("What do you need the names for?", at.reader),
            _PURPOSES,
            format_func=lambda one: begun(purpose_words(one, at.reader)),
            key="purpose",
        )
        for place, pair in enumerate(waiting, start=1):
            _pair(at, place, pair, purpose)
        if total > len(waiting):
            more = number(total - len(waiting), at.reader)
            note(say("{count} more come up as these are ruled on.", at.reader, count=more))
    _ruled(at)
    page_help(
        say(
            "Two schools may list the same person, or a list may name somebody twice under "
            "another spelling. Whoever is surely the same is joined unasked; doubtful pairs wait "
            "here.",
            at.reader,
        ),
        say(
            "**One person**: both records are looked after as one and get one proposal; each "
            "school goes on seeing its own. **Two people**: both stay as they are. Each ruling can "
            "be turned round below.",
            at.reader,
        ),
    )


def _pair(at: Here, place: int, pair: Pair, purpose: Purpose) -> None:
    reader = at.reader
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("**Pair {number}**", reader, number=number(place, reader)))
            is_open = st.session_state.get(_OPEN) == (pair.one, pair.other)
            if not is_open and st.button(
                say("Show side by side", reader), key=f"show_{pair.one}_{pair.other}"
            ):
                st.session_state[_OPEN] = (pair.one, pair.other)
                st.rerun()
        if is_open:
            _beside(at, pair, purpose)


def _beside(at: Here, pair: Pair, purpose: Purpose) -> None:
    reader = at.reader
    seen = f"counselor_seen_{pair.one}_{pair.other}"
    if seen not in st.session_state:
        try:
            st.session_state[seen] = at.desk.compare(pair.one, pair.other, purpose, at.by)
        except UebergangError as refusal:
            st.error(why_not(refusal, reader))
            return
    sides: tuple[Side, ...] = st.session_state[seen]
    if len(sides) < 2:
        st.info(say("One of the two is there no more.", reader))
        return
    headings = ("what", "one record", "the other record")
    table(
        [Column(say(text, reader)) for text in headings],
        _rows(sides[0], sides[1], reader),
        say("Both records side by side", reader),
        reader,
    )
    with st.container(horizontal=True):
        same = st.button(say("One person", reader), key="same", type="primary")
        different = st.button(say("Two people", reader), key="different")
    if same or different:
        _rule(at, pair, same)


def _rows(one: Side, other: Side, reader: Language) -> list[tuple[object, ...]]:
    def told(side: Side) -> tuple[object, ...]:
        school = ", ".join(part for part in (side.school, side.school_class) if part)
        wished = ", ".join(occupation_words(code) for code in side.wishes)
        level = None if side.certificate is None else value_words(side.certificate, reader)
        born = None if side.born is None else day(side.born, reader)
        return (
            *(side.surname, side.first_name, born, side.street, side.town),
            *(school or None, level, wished or None),
        )

    names = (
        "surname", "first name", "born", "street", "town", "school", "certificate", "wishes",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for name, left, right in zip(names, told(one), told(other), strict=True):
        sign = "" if left == right else " \N{NOT EQUAL TO}"
        rows.append((begun(say(name, reader)) + sign, left, right))
    return rows


def _rule(at: Here, pair: Pair, same: bool) -> None:
    try:
        at.desk.decide_duplicate(pair.one, pair.other, same, at.by)
    except UebergangError as refusal:
        say_later(why_not(refusal, at.reader), "error")
    else:
        st.session_state.pop(_OPEN, None)
        st.session_state.pop(f"counselor_seen_{pair.one}_{pair.other}", None)
        words = "Ruled: one person." if same else "Ruled: two people."
        say_later(say(words, at.reader))
    st.rerun()


def _ruled(at: Here) -> None:
    """What was ruled last; each of it can be turned round."""
    reader = at.reader
    total, ruled = at.desk.pairs(at.by, decided=True, count=_EACH)
    if not total:
        return
    heading("Ruled on", reader)
    for pair in ruled:
        same = pair.decision == "same"
        with st.container(horizontal=True, vertical_alignment="center"):
            words = "{day}, {by}: one person" if same else "{day}, {by}: two people"
            when = "\N{EN DASH}" if pair.on is None else day(pair.on, reader)
            st.markdown(plain(say(words, reader, day=when, by=pair.by or "\N{EN DASH}")))
            turn = "They are two people after all" if same else "They are one person after all"
            if st.button(say(turn, reader), key=f"turn_{pair.one}_{pair.other}"):
                _rule(at, pair, not same)


page()
