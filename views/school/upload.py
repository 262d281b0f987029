"""How does a school's list come in? Looked at, corrected, confirmed, and taken back if need be."""

from __future__ import annotations

import streamlit as st

from matching.errors import FaultyInput, Rule
from office.list_looks import Look
from office.words import number, rule_words, say
from views.parts import heading, plain
from views.school.changes import changes, dropped
from views.school.columns import columns_read, ground_of_list
from views.school.done import done, handed_in
from views.school.here import Here, fault_table, here, said_now, say_later
from views.school.rows import draft_rows, waiting_rows
from views.uploader import drop_zone

#: From so many on, and from a tenth of the school, it is asked whether people are really gone.
MANY = 5


def page() -> None:
    """The road of a list, from the file to its confirmation; below it what came in so far."""
    at = here()
    if at is None:
        return
    st.title(say("Hand in a list", at.reader), anchor=False)
    said_now()
    asked = st.query_params.get("import", "")
    if asked.isdecimal():
        done(at, int(asked))
    elif at.desk.draft(at.school, at.by) is None:
        _begin(at)
    else:
        # One list at a time: what waits from earlier ones stands here again afterwards.
        _go_on(at)
        return
    waiting_rows(at)
    handed_in(at)


def _begin(at: Here) -> None:
    """Nothing is there yet: say what to do, and take files."""
    st.markdown(
        say(
            "Drop the list of your pupils here: an export of SchILD-NRW or SVWS-NRW, or a table as "
            "CSV, XLSX or ODS in any order of columns. **Nothing is saved before you have seen "
            "what it would change and confirmed it.**",
            at.reader,
        )
    )
    turn = st.session_state.get("upload_turn", 0)
    files = drop_zone(at.reader, key=f"upload_{turn}")
    if not files:
        st.markdown(
            say(
                "No list at hand? The page “Help for schools” has a template to fill in.", at.reader
            )
        )
        return
    st.session_state["upload_turn"] = turn + 1
    try:
        at.desk.begin_draft(files, at.school, at.by)
    except FaultyInput:
        words = "These files are too large for one list. Please hand them in one by one."
        say_later("error", say(words, at.reader))
    st.rerun()


def _go_on(at: Here) -> None:
    """A list is there: what it would do, and the way on."""
    draft = at.desk.draft(at.school, at.by)
    assert draft is not None
    names = ", ".join(file.name for file in draft.files)
    st.markdown(
        say(
            "**{files}** for school {school}, season {season}. Not saved yet: the list waits in "
            "the memory of the server for 30 minutes after your last step.",
            at.reader,
            files=plain(names),
            school=plain(at.school),
            season=draft.season,
        )
    )
    if st.button(say("Drop this list", at.reader), key="drop_draft"):
        at.desk.drop_draft(at.school, at.by)
        say_later("success", say("The list was dropped; nothing of it was saved.", at.reader))
        st.rerun()
    look = _look(at)
    if look.preview is None:
        _refused(at, look)
        return
    if look.again is not None:
        words = "This very file came in before, as import {id}, and still counts."
        st.info(say(words, at.reader, id=look.again))
    columns_read(at, look)
    dropped(look, at.reader)
    draft_rows(at, look)
    ground_of_list(at, draft)
    changes(at, look)
    _confirm(at, look)


#: What naming the columns can mend.
_OF_COLUMNS = frozenset(
    {Rule.HEADINGS_UNKNOWN, Rule.COLUMN_MISSING, Rule.FIELD_TWICE, Rule.FIELD_UNKNOWN}
)


def _refused(at: Here, look: Look) -> None:
    """Say why the file as a whole can't be taken in, and what to do."""
    reader = at.reader
    rules = {fault.rule for fault in look.refused}
    if Rule.SCHOOL_OTHER in rules:
        heading("This is another school’s list", reader)
        words = (
            "Its rows name school {others}, and you hand in for school {school}. Nothing of it is "
            "taken in. Please drop it and hand in your own list."
        )
        others = ", ".join(plain(fault.value or "") for fault in look.refused)
        st.error(say(words, reader, others=others, school=plain(at.school)))
        return
    heading("This file can’t be read yet", reader)
    if any(fault.row or fault.column for fault in look.refused):
        fault_table(look.refused, reader, "refused")
    else:
        for fault in look.refused:
            st.error(f"**{plain(fault.file or '')}**: {rule_words(fault, reader)}")
    if rules & _OF_COLUMNS and look.columns:
        words = "Say below which column is which, or drop the list and hand in another file."
        st.markdown(say(words, reader))
        columns_read(at, look)
        return
    words = (
        "Please drop it and hand in another file: the export of the school program, or the list "
        "from your spreadsheet saved anew as XLSX, ODS or CSV."
    )
    st.markdown(say(words, reader))


def _look(at: Here) -> Look:
    """What is shown is kept: it, and nothing else, is what a click confirms."""
    draft = at.desk.draft(at.school, at.by)
    kept = st.session_state.get("school_look")
    if kept is not None and kept[0] == (at.school, draft):
        look: Look = kept[1]
        return look
    with st.spinner(say("Reading the list", at.reader)):
        look = at.desk.look(at.school, at.by)
    st.session_state["school_look"] = ((at.school, draft), look)
    return look


def _sure_of_gone(at: Here, look: Look) -> bool:
    """Ask once more where a list leaves many out: most often it is only a part."""
    preview = look.preview
    assert preview is not None
    known = len(look.gone) + len(look.changed) + preview.unchanged
    if len(look.gone) < MANY or 10 * len(look.gone) < known:
        return True
    facts = {"gone": number(len(look.gone), at.reader), "known": number(known, at.reader)}
    st.warning(
        say(
            "{gone} of your {known} pupils are not in this list. If it is only a part, take the "
            "tick away above at “All pupils concerned are in it”.",
            at.reader,
            **facts,
        )
    )
    words = "Yes, the list is complete: mark these {gone} as gone."
    return st.checkbox(say(words, at.reader, **facts), key="gone_is_right")


def _confirm(at: Here, look: Look) -> None:
    heading("Take the list in", at.reader)
    report = look.preview.report() if look.preview else None
    assert report is not None
    facts = {
        "new": number(len(look.new), at.reader),
        "changed": number(report.changed, at.reader),
        "gone": number(report.gone, at.reader),
        "waiting": number(report.quarantined, at.reader),
    }
    if look.changes_nothing:
        words = "This list changes nothing: all that it says stands in the store already."
        st.info(say(words, at.reader))
        return
    words = "{new} new, {changed} changed, {gone} no longer named, {waiting} waiting for you."
    st.markdown(
        say(words, at.reader, **facts)
        + " "
        + say("You can take all of it back afterwards.", at.reader)
    )
    sure = _sure_of_gone(at, look)
    label = say("Take the list in", at.reader)
    if not st.button(label, type="primary", key="confirm", disabled=not sure):
        return
    try:
        with st.spinner(say("Taking the list in", at.reader)):
            taken = at.desk.confirm_draft(at.school, at.by, look)
    except FaultyInput as refusal:
        st.session_state.pop("school_look", None)
        since = any(fault.rule is Rule.CHANGED_SINCE for fault in refusal.faults)
        words = (
            "Nothing was saved: somebody has changed your school’s data since you looked. Below "
            "is what the list would do now; please look at it again."
            if since
            else "Nothing was saved: the list can’t be taken in any more. Please look again."
        )
        say_later("warning", say(words, at.reader))
        st.rerun()
    st.session_state.pop("school_look", None)
    st.session_state.pop("chosen_import", None)
    st.query_params["import"] = str(taken.import_id)
    say_later("success", say("The list is taken in.", at.reader))
    st.rerun()


page()
