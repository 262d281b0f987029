"""What would this list change? Who is new, changed and gone, and what is dropped on the way."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from office.list_looks import Change, ChangedPupil, Look
from office.words import Language, number, say
from office.words.school import cell_words, field_words
from views.parts import heading, plain
from views.school.here import Here, fault_table, small
from views.tables import ROWS, Column, long_table

#: What so many pupils have in common is told once.
ALIKE = 5


def dropped(look: Look, reader: Language) -> None:
    """What the law lets nobody keep, by name, before anything is saved."""
    heading("What is not kept", reader)
    protected = [one.heading for one in look.columns if one.protected]
    if not look.dropped:
        st.markdown(say("Every column of the file is read; none is dropped.", reader))
        return
    others = [name for name in look.dropped if name not in protected]
    if protected:
        words = "Dropped, and never kept by law: {names}. Nobody can have them read."
        st.markdown(say(words, reader, names=_listed(protected)))
    if others:
        words = "These columns are dropped and never saved: {names}."
        st.markdown(say(words, reader, names=_listed(others)))
        small(
            say(
                "Is one of them needed after all? Say so above at “Change what a column means”.",
                reader,
            )
        )


def changes(at: Here, look: Look) -> None:
    """The preview: figures first, then everybody by name."""
    reader, preview = at.reader, look.preview
    assert preview is not None
    heading("What would change", reader)
    figures = (
        (say("New", reader), len(look.new)),
        (say("Changed", reader), len(look.changed)),
        (say("No longer named", reader), len(look.gone)),
        (say("As before", reader), preview.unchanged),
        (say("Waiting for a correction", reader), len(look.waiting)),
    )
    with st.container(horizontal=True):
        for words, count in figures:
            st.metric(words, number(count, reader), border=True)
    if look.doubles or look.doubtful:
        st.markdown(
            say(
                "Known in the district already: {sure}; maybe known: {maybe}. The counselors see "
                "to it that nobody is counted twice; you need not do anything.",
                reader,
                sure=number(look.doubles, reader),
                maybe=number(look.doubtful, reader),
            )
        )
    name, row = Column(say("Name", reader)), Column(say("row", reader), _plain_number)
    if look.new:
        with st.expander(say("Who is new", reader), expanded=len(look.new) <= ROWS):
            rows = [(one.name, one.row) for one in look.new]
            long_table((name, row), rows, say("Who is new", reader), reader, "new")
    if look.changed:
        few = len(look.changed) <= ROWS
        with st.expander(say("What changes, field by field", reader), expanded=few):
            _changed(at, look.changed)
    if look.gone:
        words = "Who is no longer named"
        with st.expander(say(words, reader), expanded=len(look.gone) <= ROWS):
            st.markdown(
                say(
                    "They stay in the store, are marked as gone, and get no proposal any more. "
                    "If they are only missing in this list, take the tick away above.",
                    reader,
                )
            )
            rows_gone = [(one.name,) for one in look.gone]
            long_table((name,), rows_gone, say("Who is no longer named", reader), reader, "gone")
    if look.unread:
        with st.expander(say("What else was not read", reader)):
            fault_table(look.unread, reader, "unread")


def _changed(at: Here, changed: tuple[ChangedPupil, ...]) -> None:
    reader = at.reader
    folder = at.desk.settings.data_folder

    often = Counter(change for one in changed for change in one.changes)
    same = {change: count for change, count in often.items() if count >= ALIKE}

    def told(one: ChangedPupil) -> list[tuple[object, ...]]:
        if not one.changes:
            fields = ", ".join(field_words(name, reader) for name in one.fields)
            return [(one.name, fields, None, None)]
        return [(one.name, *line(change)) for change in one.changes if change not in same]

    def people(count: int) -> str:
        return say("{count} pupils alike", reader, count=number(count, reader))

    def line(change: Change) -> tuple[object, ...]:
        before = cell_words(change.field, change.before, reader, folder)
        after = cell_words(change.field, change.after, reader, folder)
        return field_words(change.field, reader), before, after

    long_table(
        [
            Column(say(words, reader))
            for words in ("Name", "what changes", "until now", "from now on")
        ],
        [(people(count), *line(change)) for change, count in same.items()]
        + [row for one in changed for row in told(one)],
        say("What changes, field by field", reader),
        reader,
        "changed",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"**{plain(name)}**" for name in names)


def _plain_number(value: float) -> str:
    return str(int(value))
