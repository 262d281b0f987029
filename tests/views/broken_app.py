"""A page that breaks off in the way that `UEBERGANG_TEST_BREAKS` names."""

from __future__ import annotations

import os

import streamlit as st

from matching.errors import Fault, FaultyInput, NoPlanPossible, Refused, Rule
from views import parts
from views.breakdown import in_words

SECRET = "Erika Geheim, geboren am 1. Mai"


def page() -> None:
    """Break off, after a word that was shown already."""
    st.title("Anfang")
    kind = os.environ["UEBERGANG_TEST_BREAKS"]
    if kind == "defect":
        try:
            int(SECRET)
        except ValueError as first:
            raise KeyError(SECRET) from first
    if kind == "refused":
        raise Refused("see_pupils", "999002")
    if kind == "faults":
        raise FaultyInput((Fault(Rule.STORE_UNREACHABLE),))
    if kind == "no plan":
        raise NoPlanPossible((Fault(Rule.PINNED_TWICE, row=3),))
    if kind == "stop":
        st.stop()


with in_words(parts.language()):
    page()
    st.markdown("Ende")
