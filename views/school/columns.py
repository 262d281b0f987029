"""Which column was read as what? Each heading with its guess, to be put right."""

from __future__ import annotations

from datetime import date

import streamlit as st

from matching.errors import FaultyInput
from office.drafts import Draft
from office.list_looks import ListColumn, Look
from office.school_desk import FIELDS
from office.words import number, say
from office.words.school import field_words, input_text
from views.parts import heading, plain_label
from views.school.here import Here, small, why_not
from views.tables import Column, table

#: In a selection: this column is not to be read.
_DROPPED = ""


def columns_read(at: Here, look: Look) -> None:
    """The columns as they were read; what is guessed stands open, the rest can be changed."""
    if not look.columns:
        return
    reader = at.reader
    heading("How the columns were read", reader)
    guessed = [one for one in look.columns if one.guessed]
    read = [one for one in look.columns if one.field and not one.guessed]
    if guessed:
        st.warning(
            say(
                "**Guessed columns, please check: {count}.** We have not met these headings yet. "
                "What you say is remembered for your next list.",
                reader,
                count=number(len(guessed), reader),
            )
        )
        _form(at, guessed, "guessed")
    if read:
        table(
            (
                Column(say("column of your file", reader)),
                Column(say("is read as", reader)),
                Column(say("for example", reader)),
            ),
            [
                (one.heading, field_words(one.field or "", reader), _example(at, one))
                for one in read
            ],
            say("How the columns of the file were read", reader),
            reader,
            narrow=True,
        )
    with st.expander(say("Change what a column means", reader), expanded=look.preview is None):
        _form(at, [one for one in look.columns if not one.guessed], "all")


def _example(at: Here, column: ListColumn) -> str:
    """What the column says for example; a spreadsheet's days as a person writes them."""
    return input_text(column.field or "", column.example, at.reader)


def _form(at: Here, columns: list[ListColumn], key: str) -> None:
    reader = at.reader
    choices = (_DROPPED, *FIELDS)

    def words(name: str) -> str:
        return field_words(name, reader) if name else say("is not read", reader)

    with st.form(f"columns_{key}", border=key == "guessed"):
        told = {}
        sides = st.columns(2)
        for turn, one in enumerate(one for one in columns if not one.protected):
            label = one.heading
            if one.example:
                label = say(
                    "{heading} (for example: {example})",
                    reader,
                    heading=label,
                    example=_example(at, one),
                )
            told[one.heading] = sides[turn % 2].selectbox(
                plain_label(label),
                choices,
                index=choices.index(one.field or _DROPPED),
                format_func=words,
                key=f"column_{key}_{one.heading}",
            )
        sent = st.form_submit_button(say("These columns are right", reader))
    if not sent:
        return
    before = {one.heading: one.field or _DROPPED for one in columns}
    new = told if key == "guessed" else {h: f for h, f in told.items() if f != before[h]}
    try:
        at.desk.alter_draft(at.school, at.by, mapping=new)
    except FaultyInput as refusal:
        why_not(refusal, say("That could not be kept.", reader), reader, "columns_refused")
        return
    st.rerun()


def ground_of_list(at: Here, draft: Draft) -> None:
    """Whether everybody is in the list, and on what ground it is handed in."""
    reader = at.reader
    heading("About the whole list", reader)
    complete = st.checkbox(
        say("All pupils concerned are in it: whoever is missing is marked as gone.", reader),
        value=draft.complete,
        key="complete",
    )
    small(say("Take the tick away if this list only brings late joiners.", reader))
    if complete != draft.complete:
        at.desk.alter_draft(at.school, at.by, complete=complete)
        st.rerun()
    kinds = ("law", "consent")
    words = {
        "law": say("The school’s task by law", reader),
        "consent": say("Consent of the pupils or their parents", reader),
    }
    is_consent = draft.basis.given_on is not None
    kind = st.radio(
        say("Legal basis of rows that name none themselves", reader),
        kinds,
        index=int(is_consent),
        format_func=lambda one: words[one],
        key="ground",
    )
    if kind == "law":
        if is_consent:
            at.desk.alter_draft(at.school, at.by, by_law=True)
            st.rerun()
        return
    with st.form("consent"):
        when = st.date_input(
            say("Consent given on", reader),
            value=draft.basis.given_on or date.today(),
            max_value=date.today(),
            format="DD.MM.YYYY",
        )
        version = st.text_input(say("Version of the consent", reader), draft.basis.version or "")
        giver = st.text_input(say("Consent given by", reader), draft.basis.giver or "")
        sent = st.form_submit_button(say("Keep this consent", reader))
    if sent and isinstance(when, date):
        at.desk.alter_draft(at.school, at.by, consent=(when, version, giver))
        st.rerun()
    if not is_consent:
        st.markdown(say("Without a day of consent the list counts as the task by law.", reader))
