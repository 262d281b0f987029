"""What is said when a page breaks off? Words in the reader's language, and a number for the log.

The log gets the number, the kinds of error and the places in the program, and nothing that anybody
typed or that the store holds: what an error says of itself may quote a person's data.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb

import streamlit as st

from matching.errors import Fault, FaultyInput, NoPlanPossible, Refused
from office.words import Language, rule_words, say
from office.words.rights import denied_words
from views import parts
from views.tables import Column, table

_LOG = logging.getLogger("uebergang.views")

#: What stays when somebody begins anew: their language.
_STAYS = ("lang",)


@contextmanager
def in_words(reader: Language) -> Iterator[None]:
    """Put words on whatever goes wrong in a page; nobody sees what an error says of itself."""
    try:
        yield
    except Refused as refusal:
        st.title(say("This is not open to you", reader), anchor=False)
        st.warning(denied_words(refusal, reader))
        _again(reader)
    except NoPlanPossible as refusal:
        title = say("No plan is possible: what was asked contradicts itself.", reader)
        _faults(title, refusal.faults, reader)
    except FaultyInput as refusal:
        title = say("That could not be done. What stands in the way:", reader)
        _faults(title, refusal.faults, reader)
    except Exception as error:
        number = logged(error)
        st.title(say("This page broke off", reader), anchor=False)
        words = (
            "That is a defect of the program and no mistake of yours. What was confirmed before is "
            "saved. If it happens again, please tell the administrator this number: **{number}**"
        )
        st.error(say(words, reader, number=number))
        _again(reader)


def logged(error: BaseException) -> str:
    """Write down that something went wrong, and where; returns the number that finds it again."""
    number = secrets.token_hex(4)
    told: BaseException | None = error
    causes: list[str] = []
    while told is not None and len(causes) < 5:
        places = " > ".join(
            f"{place.filename}:{place.lineno} {place.name}"
            for place in extract_tb(told.__traceback__)[-12:]
        )
        causes.append(f"{type(told).__module__}.{type(told).__qualname__} at {places}")
        told = told.__cause__ or told.__context__
    _LOG.error("A page broke off, number %s: %s", number, "; after ".join(causes))
    return number


def _faults(title: str, faults: tuple[Fault, ...], reader: Language) -> None:
    st.title(say("That did not work", reader), anchor=False)
    st.warning(title)
    rows = [(one.row, one.column, one.value, rule_words(one, reader)) for one in faults]
    if rows:
        columns = [Column(say(words, reader)) for words in ("row", "column", "value")]
        columns.append(Column(say("what is wrong", reader)))
        table(columns, rows[:20], title, reader, narrow=True)
    _again(reader)


def _again(reader: Language) -> None:
    """Begin anew, as F5 does: what a page remembers may be what breaks it."""
    st.button(say("Load the page again", reader), key="load_again", on_click=_forget)


def _forget() -> None:
    for name in [name for name in st.session_state if name not in _STAYS]:
        del st.session_state[name]
    language = st.session_state.get("lang") or parts.language()
    others = {"lang": language} if "lang" in st.query_params else {}
    st.query_params.from_dict(others)
