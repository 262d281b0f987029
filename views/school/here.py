"""Who is here, and for which school? The way to the desk that a school's pages share."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from matching.errors import Fault, FaultyInput, Rule, UebergangError
from office.access import Right, User, may
from office.school_desk import SchoolDesk
from office.settings import Settings
from office.words import Language, rule_words, say
from views import parts
from views.tables import Column, long_table


@dataclass(frozen=True, slots=True)
class Here:
    """The desk, the user, the school that they speak for, and their language."""

    desk: SchoolDesk
    by: User
    school: str
    reader: Language


@st.cache_resource(show_spinner=False, max_entries=4)
def _desk(store: str, folder: str) -> SchoolDesk:
    """One desk for all; its store is opened once."""
    return SchoolDesk(Settings())


def here() -> Here | None:
    """Where the reader is; `None`, with a word to them, if they speak for no school."""
    reader, by = parts.language(), parts.reader()
    settings = Settings()
    schools = sorted(one for one in by.schools if may(by, Right.HAND_IN_PUPILS, one))
    if not schools:
        st.info(
            say(
                "Your account belongs to no school yet. Please ask the administrator to add yours.",
                reader,
            )
        )
        return None
    school = schools[0]
    if len(schools) > 1:
        school = st.selectbox(say("Your school", reader), schools, key="school")
    return Here(_desk(settings.store, str(settings.data_folder)), by, school, reader)


def small(words: str) -> None:
    """A hint in small letters; Streamlit's own captions are too pale to be read by everybody."""
    st.markdown(f":small[{words}]")


def say_later(kind: str, words: str) -> None:
    """Have something said once, above the next page that is drawn."""
    st.session_state["school_notice"] = (kind, words)


def said_now() -> None:
    """Say what was to be said later."""
    kind, words = st.session_state.pop("school_notice", ("", ""))
    if words:
        {"success": st.success, "warning": st.warning, "error": st.error}[kind](words)
        # Whoever pressed a button far down does not see the top of the page.
        st.toast(words)


def why_not(refusal: UebergangError, title: str, reader: Language, key: str) -> None:
    """Say that something was refused, with every fault."""
    st.error(title)
    faults = refusal.faults if isinstance(refusal, FaultyInput) else ()
    fault_table(faults, reader, key)


def fault_table(faults: tuple[Fault, ...], reader: Language, key: str) -> None:
    """Every fault that stands beside no row's form; what is only counted has no value."""
    rows = [
        (fault.file, fault.row, fault.column, _value(fault), rule_words(fault, reader))
        for fault in faults
    ]
    if rows:
        headings = ("file", "row", "column", "value", "what is wrong")
        columns = [Column(say(heading, reader)) for heading in headings]
        long_table(columns, rows, say("What is wrong with the file", reader), reader, key)


def _value(fault: Fault) -> str | None:
    """A pseudonym tells nobody anything."""
    return None if fault.rule is Rule.CHANGED_SINCE else fault.value
