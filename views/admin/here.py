"""Who is here, and which part of a list? What the administrator's pages share.

What is open and how a list is narrowed stands in the address, by number or word, so that loading
the page again loses nothing; no name of a person or user ever stands there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from matching.errors import FaultyInput, UebergangError
from office.access import User
from office.desk import Desk
from office.settings import Settings
from office.words import Language, number, rule_words, say
from views import parts

#: Rows of a list on one page.
EACH = 20

_NOTICE = "admin_notice"


@dataclass(frozen=True, slots=True)
class Here:
    """The desk, the administrator, and their language."""

    desk: Desk
    by: User
    reader: Language

    def say(self, text: str, **facts: object) -> str:
        """The text in the reader's language."""
        return say(text, self.reader, **facts)


@st.cache_resource(show_spinner=False, max_entries=4)
def _desk(store: str, folder: str, copies: str) -> Desk:
    """One desk for all; its store is opened once."""
    return Desk(Settings())


def here() -> Here:
    """Where the reader is."""
    settings = Settings()
    desk = _desk(settings.store, str(settings.data_folder), str(settings.copies))
    return Here(desk, parts.reader(), parts.language())


def small(words: str) -> None:
    """A remark in small letters; a caption's are too pale to be read by everybody."""
    st.markdown(f":small[{words}]")


def say_later(words: str, kind: str = "success") -> None:
    """Have something said once, above the next page that is drawn."""
    st.session_state[_NOTICE] = (kind, words)


def said_now() -> None:
    """Say what was to be said later."""
    kind, words = st.session_state.pop(_NOTICE, ("", ""))
    if words:
        {"success": st.success, "warning": st.warning, "error": st.error}[kind](words)
        # Whoever pressed a button far down does not see the top of the page.
        st.toast(words)


def why_not(refusal: UebergangError | OSError, reader: Language) -> str:
    """Why something was refused, in a sentence or two; no value is repeated."""
    if isinstance(refusal, FaultyInput):
        words = dict.fromkeys(rule_words(fault, reader) for fault in refusal.faults)
        return " ".join(words)
    if isinstance(refusal, OSError):
        return say("The system did not let this be read or written.", reader)
    return say("Please report this: it is a defect of the program.", reader)


def number_asked(name: str) -> int | None:
    """The number that the address names, if it does."""
    told = st.query_params.get(name, "")
    return int(told) if told.isdecimal() and len(told) < 19 else None


def go(**told: str | None) -> None:
    """Have the address say this, and draw the page anew."""
    _write(told)
    st.rerun()


def mark(name: str) -> str:
    """What stands for a user's name in an address."""
    return hashlib.sha256(f"user {name}".encode()).hexdigest()[:10]


def choice(
    label: str,
    name: str,
    options: Sequence[str],
    words: Callable[[str], str],
    everything: str | None = None,
    shows: Mapping[str, str] | None = None,
) -> str | None:
    """A choice that stands in the address as `name`; `None` for `everything`.

    `shows` says by what an option stands there where it must not stand itself.
    """
    known: list[str | None] = [*([] if everything is None else [None]), *options]
    shown = {one: (shows or {}).get(one, one) for one in options}
    asked = st.query_params.get(name)
    now = next((one for one in options if shown[one] == asked), known[0] if known else None)
    key = f"choice_{name}"

    def keep() -> None:
        chosen = st.session_state[key]
        _write({name: None if chosen is None else shown[chosen], "page": None})

    chosen: str | None = st.selectbox(
        label,
        known,
        index=known.index(now) if known else None,
        format_func=lambda one: (everything or "") if one is None else words(one),
        key=key,
        on_change=keep,
    )
    return chosen


def section(at: Here, name: str, options: Mapping[str, str]) -> str:
    """Which part of a page is open; it stands in the address."""
    known = list(options)
    asked = st.query_params.get(name)
    key = f"section_{name}"

    def keep() -> None:
        told = {name: st.session_state[key], "lang": st.query_params.get("lang")}
        st.query_params.clear()
        _write(told)

    chosen: str = st.radio(
        at.say("Part of this page"),
        known,
        index=known.index(asked) if asked in known else 0,
        format_func=lambda one: at.say(options[one]),
        key=key,
        on_change=keep,
        horizontal=True,
    )
    return chosen


def offset(total: int) -> int:
    """How many rows come before those on the page that the address names."""
    last = max(0, total - 1) // EACH
    return EACH * min(last, max(0, (number_asked("page") or 1) - 1))


def pager(at: Here, total: int) -> None:
    """Which page it is, and the way to the ones before and after."""
    last = max(1, -(-total // EACH))
    page = offset(total) // EACH + 1
    if last == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(at.say("Previous"), disabled=page == 1, key="previous"):
            go(page=str(page - 1))
        facts = {"page": number(page, at.reader), "last": number(last, at.reader)}
        st.markdown(at.say("Page {page} of {last}", **facts))
        if st.button(at.say("Next"), disabled=page == last, key="next"):
            go(page=str(page + 1))


def sure(at: Here, key: str, ask: str, question: str, yes: str) -> bool:
    """A button that asks before anything is done; true in the run in which the answer was yes."""
    asking = f"asking_{key}"
    if not st.session_state.get(asking):
        if st.button(ask, key=key):
            st.session_state[asking] = True
            st.rerun()
        return False
    st.warning(question)
    with st.container(horizontal=True):
        agreed = st.button(yes, type="primary", key=f"{key}_yes")
        left = st.button(at.say("No, leave it as it is"), key=f"{key}_no")
    if agreed or left:
        del st.session_state[asking]
    if left:
        st.rerun()
    return agreed


def _write(told: Mapping[str, str | None]) -> None:
    for name, value in told.items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
