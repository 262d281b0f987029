"""What does a firm get? The list of whom it may expect: a cipher until the person agreed."""

from __future__ import annotations

import streamlit as st

from matching.errors import UebergangError
from office.words import Language, number, say
from office.words.cases import occupation_words
from views.counselor.here import here, note, said_now, why_not
from views.counselor.record import ask_sender
from views.parts import page_help
from views.tables import Column, table


def page() -> None:
    """The whole page: a firm, whom it may expect, and the list to download."""
    at = here()
    reader = at.reader
    st.title(say("Lists for firms", reader), anchor=False)
    said_now()
    firms = at.desk.firms(at.by)
    if not firms:
        st.info(
            say(
                "Nothing was sent for any of your cases yet. Send a proposal on a person’s page; "
                "then its firm stands here.",
                reader,
            )
        )
        _help(reader)
        return
    if at.desk.sender(at.by) is None:
        ask_sender(at)
        return
    firm = st.selectbox(
        say("Firm", reader),
        list(firms),
        format_func=lambda one: f"{one} ({number(len(firms[one]), reader)})",
        key="firm",
    )
    table(
        [Column(say(text, reader)) for text in ("the person", "the firm reads", "occupation")],
        [
            (name, told, occupation_words(one.kldb, one.title))
            for name, told, one in at.desk.introduced(firm, at.by)
        ],
        say("Whom the firm may expect", reader),
        reader,
        narrow=True,
    )
    note(
        say(
            "A name stands there only if the person agreed; you write that down on their page.",
            reader,
        )
    )
    if st.button(say("Make the list", reader)):
        try:
            made = at.desk.firm_list(firm, at.by, reader)
        except UebergangError as refusal:
            st.error(why_not(refusal, reader))
            return
        st.download_button(
            say("Download the list (PDF)", reader),
            made,
            "liste.pdf",
            "application/pdf",
            on_click="ignore",
        )
    _help(reader)


def _help(reader: Language) -> None:
    page_help(
        say(
            "A firm reads a **cipher** in place of a name until the person agreed to be named; "
            "the same person has another cipher at each firm. You find out who it is by the "
            "cipher on this page.",
            reader,
        ),
        say(
            "On the list is whoever of your own cases was sent a proposal for this firm and has "
            "no contract yet.",
            reader,
        ),
    )


page()
