"""Whom do you look for? A search by name, among one's own cases and those of nobody."""

from __future__ import annotations

import streamlit as st

from office.counseling_desk import Asked, Whose
from office.words import number, say
from office.words.cases import stage_words
from views.counselor.here import PERSON, Here, address, note
from views.parts import plain
from views.tables import begun


def search(at: Here) -> None:
    """A field for the name, and whoever is found; a click opens the person's page."""
    reader = at.reader
    words = st.text_input(
        say("Search by name", reader), key="person_words", max_chars=80, live="500ms", type="search"
    )
    if not (words or "").strip():
        st.markdown(
            say(
                "Type a part of the name. Found are your own cases and people whom nobody looks "
                "after yet.",
                reader,
            )
        )
        return
    found = at.desk.caseload(at.by, Asked(Whose.BOTH, words=words or ""))
    if not found.lines:
        st.info(say("Nobody is found by this name.", reader))
        return
    for line in found.lines:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            label = f"**{plain(line.name)}**"
            if st.button(label, key=f"found_{line.pseudonym}", type="tertiary"):
                st.switch_page(PERSON, query_params=address(person=line.pseudonym))
            school = line.school_name or line.school
            told = (school, line.school_class, begun(stage_words(line.stage, reader)))
            note(" · ".join(plain(one) for one in told if one))
    if found.total > len(found.lines):
        more = number(found.total - len(found.lines), reader)
        note(say("{count} more; type more of the name.", reader, count=more))
