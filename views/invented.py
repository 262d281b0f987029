"""Is this real? One line above every page of a store that holds invented people or firms."""

from __future__ import annotations

from html import escape

import streamlit as st

from office.invented import shows_invented
from office.settings import Settings
from office.words import Language, say

#: One slim line at the top, in a colour that nothing else on the pages has.
_STYLE = """<style>
.invented { margin: 0; padding: 0.15rem 0.75rem; border-left: 0.3rem solid #8a5a00;
  background: #fff4d6; color: #4a3000; font-size: 0.875rem; font-weight: 600; }
</style>"""


def invented_note(reader: Language) -> None:
    """Say that everybody here is invented, where they are."""
    if _shows(Settings().store):
        words = escape(say("Everybody and every firm here is invented.", reader))
        st.html(f'{_STYLE}<p class="invented" role="note" lang="{reader}">{words}</p>')


@st.cache_data(ttl=30, show_spinner=False)
def _shows(store: str) -> bool:
    return shows_invented(Settings(database=store))
