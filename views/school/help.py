"""How does a school get its list in? A template, the sheet for parents, and the words explained."""

from __future__ import annotations

import streamlit as st

from office.school_desk import FIELDS, HEADINGS
from office.words import say
from office.words.school import field_words
from views.parts import heading
from views.school.here import Here, here
from views.tables import Column, table

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: A word, and what it means here: the words of the glossary.
_WORDS = (
    (
        "Legal basis",
        "why data may be used: a task by law, or a consent; without one nobody is matched",
    ),
    ("Withdrawal", "taking the legal basis back; it works at once"),
    ("Waiting row", "a row that could not be taken in as it was; none is ever dropped"),
    ("Import", "what one delivery of files brought in; it can be taken back"),
    ("No longer named", "a complete list leaves somebody out: marked as gone, never deleted"),
    ("Outcome", "what became of somebody; “unknown” is kept apart from “not yet placed”"),
    ("Proposal", "a place that the plan puts forward for a person; a counselor decides"),
)

_STEPS = (
    "Drop the file on the page “Hand in a list”. Exports of SchILD-NRW and SVWS-NRW are known.",
    "Look at how the columns were read, and put right what was guessed wrongly.",
    "Read what is dropped. Religion, nationality, sex, disability and the like are never kept.",
    "Correct the rows that are marked, or leave them for later.",
    "Look at who is new, changed and gone, and take the list in. You can take it back.",
)


def page() -> None:
    """Everything that a school may want to know before its first list."""
    at = here()
    if at is None:
        return
    st.title(say("Help for schools", at.reader), anchor=False)
    reader = at.reader
    heading("In five steps", reader)
    st.markdown("\n".join(f"{n}. {say(step, reader)}" for n, step in enumerate(_STEPS, start=1)))
    _take_along(at)
    heading("What a list may say", reader)
    st.markdown(
        say(
            "A name or a number is enough; everything else helps. Other columns are dropped.",
            reader,
        )
    )
    table(
        (Column(say("what it is", reader)), Column(say("heading in the template", reader))),
        [(field_words(name, reader), HEADINGS[name]) for name in FIELDS],
        say("What a list may say", reader),
        reader,
        narrow=True,
    )
    heading("Words that you meet here", reader)
    table(
        (Column(say("word", reader)), Column(say("what it means", reader))),
        [(say(word, reader), say(meaning, reader)) for word, meaning in _WORDS],
        say("Words that you meet here", reader),
        reader,
    )


def _take_along(at: Here) -> None:
    reader = at.reader
    heading("To take along", reader)
    st.markdown(
        say(
            "The template has one invented row that shows what may stand where. The sheet tells "
            "pupils and parents what is kept, why, how long, and what they may ask for.",
            reader,
        )
    )
    with st.container(horizontal=True):
        st.download_button(
            say("Template as XLSX", reader),
            lambda: at.desk.template("xlsx", at.by),
            "vorlage.xlsx",
            _XLSX,
            key="template_xlsx",
            on_click="ignore",
        )
        st.download_button(
            say("Template as CSV", reader),
            lambda: at.desk.template("csv", at.by),
            "vorlage.csv",
            "text/csv",
            key="template_csv",
            on_click="ignore",
        )
        st.download_button(
            say("Sheet for pupils and parents (PDF)", reader),
            lambda: at.desk.information_sheet(reader, at.by),
            "information.pdf",
            "application/pdf",
            key="information",
            on_click="ignore",
        )


page()
