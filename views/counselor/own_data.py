"""What may the person ask for? All that is held of them, an objection, the end of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matching.errors import UebergangError
from office.counseling_desk import PersonFile
from office.words import say
from views.counselor.here import Here, note, say_later, why_not
from views.parts import heading

_SURE = "counselor_sure"


def own_data(at: Here, known: PersonFile) -> None:
    """A report to hand over, an objection and a withdrawal: the last one asks first."""
    reader = at.reader
    heading("What the person may ask for", reader)
    with st.container(horizontal=True):
        st.download_button(
            say("All that is held of them (JSON)", reader),
            lambda: at.desk.own_data(known.pseudonym, at.by),
            "auskunft.json",
            "application/json",
            on_click="ignore",
            key="own_data",
        )
        _objection(at, known)
        _withdrawal(at, known)
    note(
        say(
            "The report holds everything in every table, for the person alone (GDPR Art. 15 and "
            "20). Wrong data are corrected by the school that handed them in; places are "
            "reckoned anew at once.",
            reader,
        )
    )


def _objection(at: Here, known: PersonFile) -> None:
    reader = at.reader
    if known.objected_on is not None:
        if st.button(say("Take the objection back", reader), key="object_no_longer"):
            _done(
                at,
                lambda: at.desk.take_objection_back(known.pseudonym, at.by),
                say("Taken back: the next plan is drawn with this person.", reader),
            )
        return
    if st.button(
        say("Note an objection", reader),
        key="object",
        help=say("From then on no program matches them; you go on by hand (Art. 21).", reader),
    ):
        _done(
            at,
            lambda: at.desk.object_to_matching(known.pseudonym, at.by),
            say("Noted: from now on people alone look for a place.", reader),
        )


def _withdrawal(at: Here, known: PersonFile) -> None:
    reader = at.reader
    if not known.may_be_matched:
        return
    if st.session_state.get(_SURE) != known.pseudonym:
        if st.button(say("Withdraw the legal basis", reader), key="withdraw"):
            st.session_state[_SURE] = known.pseudonym
            st.rerun()
        return
    st.warning(
        say(
            "From now on nobody matches this person, they leave every list, and every proposal "
            "under way is stopped, at once. Only a new consent, given later, undoes it.",
            reader,
        )
    )
    if st.button(say("Yes, withdraw it", reader), key="withdraw_yes", type="primary"):
        del st.session_state[_SURE]
        _done(
            at,
            lambda: at.desk.end_matching(known.pseudonym, at.by),
            say("The legal basis is withdrawn.", reader),
        )
    if st.button(say("No, go back", reader), key="withdraw_no"):
        del st.session_state[_SURE]
        st.rerun()


def _done(at: Here, change: Callable[[], object], words: str) -> None:
    try:
        change()
    except UebergangError as refusal:
        say_later(why_not(refusal, at.reader), "error")
    else:
        say_later(words)
    st.rerun()
