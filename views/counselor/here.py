"""Who is here? The desk, the counselor and their language, and what their pages share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

from matching.errors import FaultyInput, NoPlanPossible, Refused, Rule, UebergangError
from office.access import User
from office.counseling_desk import CounselingDesk
from office.drawing import Progress
from office.settings import Settings
from office.words import Language, rule_words, say, step_words
from views import parts
from views.tables import begun

#: Where the pages are, for going from one to the other.
CASELOAD, PERSON = (Path(__file__).with_name(f"{name}.py") for name in ("caseload", "person"))

_NOTICE = "counselor_notice"


@dataclass(frozen=True, slots=True)
class Here:
    """The desk, the counselor, and their language."""

    desk: CounselingDesk
    by: User
    reader: Language


@st.cache_resource(show_spinner=False, max_entries=4)
def _desk(store: str, folder: str) -> CounselingDesk:
    """One desk for all; its store is opened once."""
    return CounselingDesk(Settings())


def here() -> Here:
    """Where the reader is."""
    settings = Settings()
    desk = _desk(settings.store, str(settings.data_folder))
    return Here(desk, parts.reader(), parts.language())


def note(words: str) -> None:
    """Say something small; in full colour, so that everybody can read it."""
    st.markdown(f":small[{words}]")


def address(**told: str) -> dict[str, str]:
    """What goes into the address of another page, the language with it."""
    language = st.query_params.get("lang")
    return told if language is None else {**told, "lang": language}


def say_later(words: str, kind: str = "success") -> None:
    """Have something said once, above the next page that is drawn."""
    st.session_state[_NOTICE] = (kind, words)


def said_now() -> None:
    """Say what was to be said later."""
    kind, words = st.session_state.pop(_NOTICE, ("", ""))
    if words:
        {"success": st.success, "error": st.error}[kind](words)
        # Whoever pressed a button far down does not see the top of the page.
        st.toast(words)


def why_not(refusal: UebergangError, reader: Language) -> str:
    """Why something was refused, in a sentence or two."""
    if isinstance(refusal, Refused):
        return say("This is not yours to see: somebody else looks after this person.", reader)
    if isinstance(refusal, FaultyInput | NoPlanPossible):
        rules = dict.fromkeys(fault.rule for fault in refusal.faults)
        own = {
            Rule.PAIR_TWICE: say("This is written down for that day already.", reader),
            Rule.PAIR_UNKNOWN: say("The rules refuse this place to the person.", reader),
            Rule.PROPOSAL_UNKNOWN: say(
                "Nobody decided on this place yet: settle on it first, then send it.", reader
            ),
        }
        found = {fault.rule: fault for fault in refusal.faults}
        return " ".join(own.get(rule) or rule_words(found[rule], reader) for rule in rules)
    return say("Please report this: it is a defect of the program.", reader)


@contextmanager
def reckoning(reader: Language) -> Iterator[Progress]:
    """Show the steps while a season is reckoned; nothing where it is known already."""
    place = st.empty()
    shown: list[StatusContainer] = []

    def tell(step: str, number: int) -> None:
        if not shown:
            shown.append(place.status(say("Reckoning the season", reader)))
        count = f" ({number})" if number > 1 else ""
        label = f"{begun(step_words(step, reader))}{count} \N{HORIZONTAL ELLIPSIS}"
        shown[0].update(label=label)

    try:
        yield tell
    finally:
        place.empty()
