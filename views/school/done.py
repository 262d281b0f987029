"""What has come in so far? One import after its confirmation, all of them, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from matching.errors import FaultyInput, Refused, Rule
from office.words import Language, number, say
from office.words.school import moment_words
from views.parts import heading, plain
from views.school.here import Here, say_later
from views.tables import Column, long_table

_COUNTS: Mapping[str, str] = {
    "stored": "New",
    "changed": "Changed",
    "gone": "No longer named",
    "unchanged": "As before",
    "quarantined": "Waiting for a correction",
}

_KINDS: Mapping[str, str] = {
    "pupils": "list of pupils",
    "places": "list of places",
    "outcomes": "list of outcomes",
    "contacts": "list of contacts",
    "fix": "one row corrected",
    "decision": "a counselor’s decision",
}


def done(at: Here, import_id: int) -> None:
    """One import of the school: what came of it, and how it is taken back."""
    reader = at.reader
    try:
        detail = at.desk.own_import(import_id, at.school, at.by)
    except (FaultyInput, Refused):
        st.error(say("Your school has no such import.", reader))
        _back(reader)
        return
    taken = detail.taken
    heading("Import {id}", reader, id=taken.id)
    facts = {"file": plain(taken.file) or "\N{EN DASH}", "when": moment_words(taken.at, reader)}
    words = "{file}, taken in on {when} by {who}."
    st.markdown(say(words, reader, who=plain(taken.by), **facts))
    with st.container(horizontal=True):
        for name, label in _COUNTS.items():
            count = number(taken.counts.get(name, 0), reader)
            st.metric(say(label, reader), count, border=True)
    if taken.dropped_columns:
        names = ", ".join(f"**{plain(name)}**" for name in taken.dropped_columns)
        words = "These columns are dropped and never saved: {names}."
        st.markdown(say(words, reader, names=names))
    if taken.undone_at is not None:
        words = "Taken back on {when} by {who}: all is as it was before."
        when, who = moment_words(taken.undone_at, reader), plain(taken.undone_by or "")
        st.info(say(words, reader, when=when, who=who))
    else:
        _take_back(at, import_id)
    _back(reader)


def _take_back(at: Here, import_id: int) -> None:
    reader = at.reader
    asking = st.session_state.get("taking_back") == import_id
    if not asking:
        if st.button(say("Take this import back", reader), key="take_back"):
            st.session_state["taking_back"] = import_id
            st.rerun()
        return
    st.warning(
        say(
            "Take it back? Whoever it brought in is removed, and whatever it changed is as it was "
            "before. The import itself stays on record.",
            reader,
        )
    )
    with st.container(horizontal=True):
        sure = st.button(say("Yes, take it back", reader), type="primary", key="take_back_yes")
        no = st.button(say("No, leave it as it is", reader), key="take_back_no")
    if no or sure:
        del st.session_state["taking_back"]
    if sure:
        try:
            undone = at.desk.take_back(import_id, at.school, at.by)
        except FaultyInput as refusal:
            say_later("error", _refusal(refusal, reader))
        else:
            words = "Taken back. Records removed: {removed}; as they were before: {restored}."
            facts = {"removed": undone.removed, "restored": undone.restored}
            told = {name: number(value, reader) for name, value in facts.items()}
            say_later("success", say(words, reader, **told))
    if no or sure:
        st.rerun()


def _refusal(refusal: FaultyInput, reader: Language) -> str:
    rules = {fault.rule for fault in refusal.faults}
    if Rule.UNDO_EXPIRED in rules:
        return say("It is too late: what was there before is deleted already.", reader)
    if Rule.UNDONE_ALREADY in rules:
        return say("It was taken back already.", reader)
    return say(
        "It can’t be taken back any more: {count} of its records were changed or used since. Take "
        "back later imports first, or hand in a corrected list.",
        reader,
        count=number(len(refusal.faults), reader),
    )


def _back(reader: Language) -> None:
    if st.button(say("Hand in another list", reader), key="another"):
        st.query_params.pop("import", None)
        st.session_state.pop("taking_back", None)
        st.session_state.pop("chosen_import", None)
        st.rerun()


def handed_in(at: Here) -> None:
    """Everything that the school has handed in this season, newest first."""
    reader = at.reader
    heading("What has come in this season", reader)
    found = at.desk.own_imports(at.school, at.by)
    if not found:
        words = "Nothing yet. Your first list will stand here, and can be taken back from here."
        st.markdown(say(words, reader))
        return
    headings = ("import no.", "taken in", "what it was", "file", "new", "changed", "state")

    def state(undone: bool) -> str:
        return say("taken back", reader) if undone else say("counts", reader)

    long_table(
        [Column(say(words, reader)) for words in headings],
        [
            (
                one.id,
                moment_words(one.at, reader),
                say(_KINDS.get(one.kind, one.kind), reader),
                one.file or None,
                number(one.counts.get("stored", 0), reader),
                number(one.counts.get("changed", 0), reader),
                state(one.undone_at is not None),
            )
            for one in found
        ],
        say("What has come in this season", reader),
        reader,
        "imports",
    )
    chosen = st.selectbox(
        say("Look at an import, or take it back", reader),
        [one.id for one in found],
        index=None,
        placeholder=say("Choose an import", reader),
        format_func=lambda one: say("Import {id}", reader, id=one),
        key="chosen_import",
    )
    if chosen is not None and st.query_params.get("import") != str(chosen):
        st.query_params["import"] = str(chosen)
        st.rerun()
