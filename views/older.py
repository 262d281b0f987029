"""Is what a page shows older than the store? Then it says of when it is, above all figures."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from office.words import Language, day, say


def older_note(as_of: datetime | None, reader: Language) -> None:
    """Say of when it is, and that it is being renewed; nothing where it is of this moment."""
    if as_of is None:
        return
    here = as_of.astimezone()
    words = "As of {time}, being renewed. Load the page again in a while."
    time = f"{here:%H:%M}"
    if here.date() != datetime.now().astimezone().date():
        time = f"{day(here.date(), reader)}, {time}"
    st.info(say(words, reader, time=time))
