"""What do the pages share? The reader's language, refusals, and the way to the desk."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from matching.errors import Fault, FaultyInput, NoPlanPossible, Refused, UebergangError
from office import gate
from office.access import User
from office.words import LANGUAGES, Language, language_of, rule_words, say
from views.tables import Column, long_table

_OWN_NAMES: dict[Language, str] = {"de": "Deutsch", "en": "English"}


def reader() -> User:
    """Who reads: looked up on every run. Whoever is signed out sees nothing more."""
    user = gate.user_here(_session())
    if user is None:
        st.stop()
    return user


def sign_out() -> None:
    """End the reader's session, in every window of theirs."""
    gate.leave(_session())
    st.stop()


def _session() -> str:
    return str(st.user.get("session") or "")


def language() -> Language:
    """The reader's language: chosen, the address's `lang`, their own, the browser's, or German."""
    chosen: Language | None = st.session_state.get("lang")
    if "own_lang" not in st.session_state:
        st.session_state["own_lang"] = gate.language_here(_session())
    own: Language | None = st.session_state["own_lang"]
    asked = language_of(st.query_params.get("lang"))
    return chosen or asked or own or language_of(st.context.locale) or "de"


def language_switch() -> None:
    """Let the reader choose the language: for good, and in the address, so it can be shared."""

    def choose() -> None:
        chosen: Language = st.session_state["language"]
        gate.speak(_session(), chosen)
        st.session_state["lang"] = st.session_state["own_lang"] = chosen
        st.query_params["lang"] = chosen
        _come_again()

    st.radio(
        "Sprache / Language",
        LANGUAGES,
        index=LANGUAGES.index(language()),
        format_func=lambda one: _OWN_NAMES[one],
        key="language",
        on_change=choose,
        horizontal=True,
    )


def _come_again() -> None:
    """Have the browser load the page anew: only then its shell names the other language."""
    context, message = get_script_run_ctx(), ForwardMsg()
    message.auth_redirect.url = "?" + urlencode(st.query_params.to_dict())
    if context is not None:
        context.enqueue(message)


def heading(text: str, reader: Language, **facts: object) -> None:
    """A section's heading."""
    st.header(say(text, reader, **facts), anchor=False)


def page_help(*paragraphs: str) -> None:
    """What this page is for and how it is used, folded away; each paragraph is worded already."""
    with st.expander(say("Help for this page", language())):
        for paragraph in paragraphs:
            st.markdown(paragraph)


#: What markdown would read as markup, anywhere or at the start of a line.
_MARKUP = re.compile(r"[\\`*_\[\]<>$:~#|&]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def plain(text: str) -> str:
    """A text that markdown shows as it stands, whoever typed it."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))


#: What markdown would read as markup within a line; an underscore within a word is none.
_MARKUP_WITHIN = re.compile(r"[\\`*\[\]<$~&]|(?<![^\W_])_|_(?![^\W_])|:(?=\S)")

#: What markdown would read as markup at the start of a line.
_BEGINS_MARKUP = re.compile(r"[-+=#>|:]|\d{1,9}[.)]")


def plain_label(text: str) -> str:
    """A text that a field's label shows as it stands, with as few backslashes as can be.

    A label is the field's accessible name, too, and there a backslash is read out. What is markup
    at the start of a line only is kept from it by a word joiner, of which nobody hears or sees.
    """
    words = " ".join(text.split())
    start = "\N{WORD JOINER}" if _BEGINS_MARKUP.match(words) else ""
    return start + _MARKUP_WITHIN.sub(lambda found: "\\" + found[0], words)


def refused(refusal: UebergangError) -> None:
    """Say that something could not be done, with every reason."""
    reader = language()
    if isinstance(refusal, Refused):
        st.error(say("You may not do that here; nothing was changed.", reader))
        return
    if isinstance(refusal, NoPlanPossible):
        title = say("No plan is possible: what was asked contradicts itself.", reader)
    elif isinstance(refusal, FaultyInput):
        title = say("That did not work; nothing was changed.", reader)
    else:
        title = say("A plan was drawn but did not pass its recount; it was not kept.", reader)
    st.error(title)
    faults = refusal.faults if isinstance(refusal, FaultyInput | NoPlanPossible) else ()
    if not faults:
        st.markdown(say("Please report this: it is a defect of the program.", reader))
        return
    headings = ("column", "value", "what is wrong")
    long_table(
        [Column(say(heading, reader)) for heading in headings],
        [_fault_row(fault, reader) for fault in faults],
        say("Every fault", reader),
        reader,
        key="faults",
    )


def _fault_row(fault: Fault, reader: Language) -> tuple[object, ...]:
    return fault.column, fault.value, rule_words(fault, reader)
