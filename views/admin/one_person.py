"""How is one person deleted? Looked up for a reason, looked at, asked about, and gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from matching.errors import UebergangError
from office.people_desk import FoundPerson, Reason
from office.words import day, number
from office.words.keeping import REASONS, held_words, reason_words
from views.admin.here import Here, say_later, sure, why_not
from views.parts import heading, plain
from views.tables import Column, begun, counts, table

#: Where the person who was looked up is remembered until another part of the page is opened.
_FOUND = "admin_found_person"


def one_person(at: Here) -> None:
    """Look a person up, say what goes and what stays, and delete them."""
    heading("Delete one person", at.reader)
    st.markdown(
        at.say(
            "Look the person up by their number in a school’s list, or by their pseudonym. That "
            "their name was shown to you is logged, with the reason. Tell their counselor first."
        )
    )
    with st.form("find"):
        left, right = st.columns(2)
        told = left.text_input(
            at.say("Number at the school, or pseudonym"), key="find_number", max_chars=60
        )
        school = right.text_input(
            at.say("Number of the school (empty for a pseudonym)"), key="find_school", max_chars=20
        )
        reason: Reason | None = st.selectbox(
            at.say("Why they are to be deleted"),
            REASONS,
            index=None,
            placeholder=at.say("Choose a reason"),
            format_func=lambda one: begun(reason_words(one, at.reader)),
            key="find_reason",
        )
        sent = st.form_submit_button(at.say("Look the person up"))
    if sent:
        st.session_state.pop(_FOUND, None)
        if not told.strip() or reason is None:
            st.error(at.say("Give a number and a reason."))
            return
        found = at.desk.find_person(told, at.by, reason, school=school.strip() or None)
        if found is None:
            st.info(at.say("Nobody has that number there. Check number and school."))
            return
        st.session_state[_FOUND] = found
    known: FoundPerson | None = st.session_state.get(_FOUND)
    if known is not None:
        _found(at, known)


def _found(at: Here, known: FoundPerson) -> None:
    heading("Is it this person?", at.reader)
    born = at.say("not known") if known.born is None else day(known.born, at.reader)
    listed = "; ".join(
        at.say("{season}, school {school}, number {number}", season=season, school=plain(school),
               number=plain(told or "–"))
        for season, school, told in known.listed
    )  # fmt: skip
    lines = (
        "**{name}**, born {born}",
        "Listed: {listed}",
    )
    facts = {
        "name": plain(known.name) or at.say("no name is kept any more"),
        "born": born,
        "listed": listed or at.say("in no list any more"),
    }
    st.markdown("\n".join(f"- {at.say(line, **facts)}" for line in lines))
    if not known.rows:
        st.info(at.say("Nothing is held of this person any more."))
        return
    left, right = st.columns(2)
    with left:
        _goes(at, known.rows)
    with right:
        _stays(at)
    _forget(at, known)


def _goes(at: Here, rows: Mapping[str, int]) -> None:
    st.markdown(f"**{at.say('What goes')}**")
    table(
        [Column(at.say("what is held")), Column(at.say("rows"), counts(at.reader))],
        [(begun(held_words(name, at.reader)), count) for name, count in rows.items()],
        at.say("What goes"),
        at.reader,
        narrow=True,
    )


def _stays(at: Here) -> None:
    lines: Sequence[str] = (
        "one more in the count of season, school and outcome, naming nobody",
        "the bare pseudonym in kept runs, so that they still add up",
        "entries of the log, by pseudonym",
        "of whoever withdrew a keyed hash, so that no list brings them back",
        "backups of before, until their own term is over",
    )
    st.markdown(f"**{at.say('What stays')}**")
    st.markdown("\n".join(f"- {at.say(line)}" for line in lines))


def _forget(at: Here, known: FoundPerson) -> None:
    if not sure(
        at,
        "forget",
        at.say("Delete this person"),
        at.say("Delete all that is held of this person? **This can’t be undone.**"),
        at.say("Yes, delete for good"),
    ):
        return
    try:
        with st.spinner(at.say("Deleting")):
            gone = at.desk.forget_person(known.pseudonym, by=at.by)
    except UebergangError as refusal:
        st.error(why_not(refusal, at.reader))
        return
    st.session_state.pop(_FOUND, None)
    words = at.say("Deleted: {rows} rows.", rows=number(sum(gone.rows.values()), at.reader))
    say_later(
        f"{words} {swept_words(at, gone.swept)}".strip(), "success" if gone.swept else "warning"
    )
    st.rerun()


def leave_person() -> None:
    """Remember nobody any longer who was looked up."""
    st.session_state.pop(_FOUND, None)
    st.session_state.pop("asking_forget", None)


def swept_words(at: Here, swept: bool) -> str:
    """What to do where traces are left in the raw files; nothing where none are."""
    if swept:
        return ""
    return at.say("Somebody was reading, so that the raw files still hold traces; run it again.")
