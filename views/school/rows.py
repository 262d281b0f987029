"""Which rows need a correction? Each with its faults beside the cells, to be mended in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from matching.errors import Fault, FaultyInput
from office.list_looks import Look, WaitingRow
from office.school_desk import FIELDS
from office.words import number, say
from office.words.school import faults_words, field_words, input_text
from views.parts import heading, plain
from views.school.here import Here, say_later, small, why_not

#: Rows that are shown at once, and sent by one button.
AT_ONCE = 10

#: What tells a reader whose row it is.
_WHO = ("surname", "first_name", "full_name", "number", "school_class")

Send = Callable[[WaitingRow, Mapping[str, str]], tuple[Fault, ...]]


def draft_rows(at: Here, look: Look) -> None:
    """The rows of a list that would wait if it were taken in now."""
    if not look.waiting:
        return
    reader = at.reader
    heading("Rows to correct", reader)
    st.markdown(
        say(
            "Rows that can’t be taken in as they are: {count}. Correct them here, or leave them: "
            "then they wait on this page, and the rest comes in all the same.",
            reader,
            count=number(len(look.waiting), reader),
        )
    )
    columns = {one.field for one in look.columns if one.field}

    def send(row: WaitingRow, cells: Mapping[str, str]) -> tuple[Fault, ...]:
        at.desk.alter_draft(at.school, at.by, correction=(row.file, row.row, cells))
        return ()

    _forms(at, look.waiting, columns, send, "draft")


def waiting_rows(at: Here) -> None:
    """The rows that came in with faults and wait in the store."""
    found = at.desk.waiting_rows(at.school, at.by)
    if not found:
        return
    reader = at.reader
    heading("Rows that still wait", reader)
    words = "Handed in, waiting for a correction, not matched until then: {count}."
    st.markdown(say(words, reader, count=number(len(found), reader)))

    def send(row: WaitingRow, cells: Mapping[str, str]) -> tuple[Fault, ...]:
        assert row.id is not None
        result = at.desk.settle_row(row.id, cells, at.school, at.by)
        if isinstance(result, tuple):
            return result
        say_later("success", say("The row is corrected and taken in.", reader))
        return ()

    shown = _forms(at, found, set(), send, "kept")
    with st.expander(say("Leave a row out for good", reader)), st.form("leave_out"):
        numbers = {row.id: _title(at, row) for row in shown}
        chosen = st.selectbox(
            say("Which row", reader), list(numbers), format_func=lambda one: numbers[one]
        )
        reason = st.text_input(say("Why it is left out", reader))
        if st.form_submit_button(say("Leave this row out", reader)) and chosen is not None:
            _leave_out(at, chosen, reason)


def _leave_out(at: Here, chosen: int, reason: str) -> None:
    try:
        at.desk.leave_out_row(chosen, reason, at.school, at.by)
    except FaultyInput as refusal:
        title = say("The row was not left out: please say why.", at.reader)
        why_not(refusal, title, at.reader, "leave_out_refused")
        return
    say_later("success", say("The row is left out.", at.reader))
    st.rerun()


def _forms(
    at: Here, rows: Sequence[WaitingRow], columns: set[str], send: Send, key: str
) -> Sequence[WaitingRow]:
    """One form for some rows, sent by one button; gives those that are shown."""
    reader = at.reader
    starts = range(0, len(rows), AT_ONCE)
    first = 0
    if len(starts) > 1:

        def which(start: int) -> str:
            facts = {"first": start + 1, "last": min(start + AT_ONCE, len(rows)), "all": len(rows)}
            words = {name: number(value, reader) for name, value in facts.items()}
            return say("{first} to {last} of {all}", reader, **words)

        first = st.selectbox(
            say("Rows to correct now", reader), starts, format_func=which, key=f"rows_{key}"
        )
    shown = rows[first : first + AT_ONCE]
    told: list[tuple[WaitingRow, Mapping[str, str], bool]] = []
    with st.form(f"rows_form_{key}"):
        for row in shown:
            told.append((row, *_cells(at, row, columns, key)))
        label = "Check these rows again" if len(shown) > 1 else "Check this row again"
        sent = st.form_submit_button(say(label, reader))
    if sent:
        _check(at, told, send, key)
    return shown


def _check(
    at: Here, told: Sequence[tuple[WaitingRow, Mapping[str, str], bool]], send: Send, key: str
) -> None:
    """Send the rows that were changed, all where none was; what is still wrong stands beside it."""
    reader = at.reader
    some = any(changed for _, _, changed in told)
    for row, cells, changed in told:
        if changed or not some:
            left = send(row, cells)
            words = say("Not right yet: {faults}", reader, faults=faults_words(left, reader))
            st.session_state[f"wrong_{_mark(row, key)}"] = words if left else ""
    st.rerun()


def _mark(row: WaitingRow, key: str) -> str:
    return f"{key}_{row.file}_{row.row}_{row.id}"


def _cells(
    at: Here, row: WaitingRow, columns: set[str], key: str
) -> tuple[Mapping[str, str], bool]:
    """The fields of a row that may be wrong, to be written anew; and whether one was."""
    reader = at.reader
    whole = row.faults.get("", ())
    names = [name for name in FIELDS if name in row.faults]
    if not row.cells or not names:
        names = [name for name in FIELDS if name in columns | set(row.cells) | set(names)]
    mark = _mark(row, key)
    left, right = st.columns([2, 3])
    left.markdown(f"**{_title(at, row)}**")
    if whole:
        left.markdown(faults_words(whole, reader))
    before = {name: input_text(name, row.cells.get(name, ""), reader) for name in names}
    offered = {name: input_text(name, day, reader) for name, day in row.guesses.items()}
    told = {}
    with right:
        for name in names:
            label = field_words(name, reader)
            if name in row.faults:
                label = f"{label} – {faults_words(row.faults[name], reader)}"
            filled_in = offered.get(name, before[name])
            told[name] = st.text_input(label, filled_in, key=f"{mark}_{name}")
            if name in offered:
                words = (
                    "Your list says {written}. Did you mean {day}? It is filled in here; please "
                    "check it."
                )
                small(say(words, reader, written=plain(before[name]), day=plain(offered[name])))
            elif (hint := _hint(at, name)) is not None:
                small(hint)
        if wrong := st.session_state.get(f"wrong_{mark}"):
            st.error(wrong)
    return told, told != before


def _title(at: Here, row: WaitingRow) -> str:
    who = ", ".join(plain(row.cells[name]) for name in _WHO if row.cells.get(name))
    facts = {"row": row.row, "file": plain(row.file), "who": who or "\N{EN DASH}"}
    return say("Row {row}: {who} ({file})", at.reader, **facts)


def _hint(at: Here, name: str) -> str | None:
    """How a field is written, where that is not plain."""
    reader = at.reader
    if name in ("wish_1", "wish_2", "wish_3"):
        return say("An occupation such as Tischler/in, or its five digits (KldB 2010).", reader)
    if name in ("born", "leaves", "consent_on"):
        return say("A day such as 31.12.2010.", reader)
    if name == "certificate":
        return say(
            "A certificate such as MSA, ESA, FHR, or how the school program writes it.", reader
        )
    return None
