"""Which rows wait, of all schools? How many, why, and what one of them says, for a purpose."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from matching.errors import FaultyInput
from office.waiting_desk import Entry, Purpose
from office.words import number, rule_words
from office.words.keeping import PURPOSES, field_words, kind_words, purpose_words
from views.admin.here import EACH, Here, choice, offset, pager, small, why_not
from views.parts import heading
from views.tables import Column, begun, table


def school_words(school: str, names: Mapping[str, str | None]) -> str:
    """A school by its name and number."""
    name = names.get(school)
    return school if not name else f"{name} ({school})"


def waiting_rows(at: Here) -> None:
    """How much waits, the rows page by page, and what one of them says."""
    waits = at.desk.waiting_counts(by=at.by)
    with st.container(horizontal=True):
        for kind in ("pupils", "places", "outcomes", "contacts"):
            if waits.get(kind):
                label = begun(kind_words(kind, at.reader))
                st.metric(label, number(waits[kind], at.reader), border=True)
        if waits["doubles"]:
            label = at.say("Doubles for the counselors")
            st.metric(label, number(waits["doubles"], at.reader), border=True)
    known = at.desk.imported_by(by=at.by)
    school = choice(
        at.say("School"),
        "school",
        tuple(known.schools),
        lambda one: school_words(one, known.schools),
        at.say("all schools"),
    )
    start = offset(at.desk.waiting_page(at.by, school, limit=1)[1])
    rows, total = at.desk.waiting_page(at.by, school, offset=start, limit=EACH)
    if not total:
        st.info(at.say("No row waits. Whatever could not be taken in would stand here."))
        return
    headings = ("no.", "what is wrong", "what it was", "row", "school", "import")
    table(
        [Column(at.say(words)) for words in headings],
        [_row_told(at, one, known.schools) for one in rows],
        at.say("Rows that wait"),
        at.reader,
    )
    pager(at, total)
    _look_into(at, [one.id for one in rows])


def _row_told(at: Here, one: Entry, schools: Mapping[str, str | None]) -> tuple[object, ...]:
    wrong = dict.fromkeys(
        f"{begun(field_words(fault.column, at.reader))}: {rule_words(fault, at.reader)}"
        if fault.column
        else rule_words(fault, at.reader)
        for fault in one.faults
    )
    school = None if one.school is None else school_words(one.school, schools)
    kind = begun(kind_words(one.kind, at.reader))
    return str(one.id), " ".join(wrong), kind, str(one.row), school, str(one.import_id)


def _look_into(at: Here, numbers: list[int]) -> None:
    heading("What a row says", at.reader)
    small(at.say("Names may stand in it. Each look is logged with your name and the purpose."))
    with st.form("look_into"):
        left, right = st.columns(2)
        chosen = left.selectbox(
            at.say("Row that waits, by its number"), numbers, index=None, key="look_row",
            placeholder=at.say("Choose a row"),
        )  # fmt: skip
        purpose: Purpose | None = right.selectbox(
            at.say("What for"),
            PURPOSES,
            index=None,
            format_func=lambda one: begun(purpose_words(one, at.reader)),
            placeholder=at.say("Choose a purpose"),
            key="look_purpose",
        )
        sent = st.form_submit_button(at.say("Show what it says"))
    if not sent:
        return
    if chosen is None or purpose is None:
        st.error(at.say("Choose a row and a purpose."))
        return
    try:
        entry = at.desk.open_row(chosen, purpose, by=at.by)
    except FaultyInput as refusal:
        st.error(why_not(refusal, at.reader))
        return
    if not entry.cells:
        st.info(at.say("Nothing of this row was kept."))
        return
    table(
        [Column(at.say("column")), Column(at.say("what it says"))],
        [(begun(field_words(name, at.reader)), told) for name, told in entry.cells.items()],
        at.say("What row {number} says", number=chosen),
        at.reader,
        narrow=True,
    )
