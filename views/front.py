"""Which pages does whoever is here see? Those of their roles, in their language."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from office import gate
from office.access import Role, User
from office.words import Language, say
from views import parts
from views.addresses import ELSEWHERE, FIRST, PAGES
from views.breakdown import in_words
from views.invented import invented_note

_HERE = Path(__file__).parent

_ROLES: dict[Role, str] = {
    Role.PLANNER: "Planning",
    Role.COUNSELOR: "Counseling",
    Role.SCHOOL: "School",
    Role.ADMIN: "Administration",
}

_STYLE = "<style>.own { color: #1f4e79; font-size: 0.875rem; }</style>"


def front() -> None:
    """Lay out the pages of whoever is here and run the one that is open."""
    st.set_page_config(layout="wide", page_title="Übergang")
    reader = parts.language()
    with in_words(reader):
        user = parts.reader()
        sections = _sections(user, reader)
        page = None
        if sections:
            (first, *others) = sections.values()
            page = st.navigation(sections if others else first)
        _aside(user, reader)
        invented_note(reader)
        if st.query_params.pop(ELSEWHERE, None) and page is not None:
            words = "There is no such page, or it belongs to another role. This is your first page."
            st.info(say(words, reader))
        if page is None:
            st.title(say("Welcome", reader), anchor=False)
            st.info(say("Your account has no role yet. Please ask the administrator.", reader))
        else:
            page.run()


def _aside(user: User, reader: Language) -> None:
    """Beside every page: who is here, in which language, and the way out."""
    with st.sidebar:
        st.markdown(say("Signed in: {name}", reader, name=parts.plain(user.name)))
        parts.language_switch()
        if st.button(say("Sign out", reader)):
            parts.sign_out()
        ways = {gate.STATEMENT: "Accessibility"}
        if gate.gate_settings().passwords:
            ways = {gate.PASSWORD: "Change password", **ways}
        links = (
            f'<a class="own" href="{path}?lang={reader}">{escape(say(words, reader))}</a>'
            for path, words in ways.items()
        )
        st.html(_STYLE + "<br>".join(links))


def _sections(user: User, reader: Language) -> dict[str, list[st.Page]]:
    roles = [role for role in PAGES if role in user.roles]
    return {
        say(_ROLES[role], reader): [
            page
            for number, (file, address, title) in enumerate(PAGES[role])
            if (_HERE / file).exists()
            for page in _pages(
                file, address, say(title, reader), first=(role, number) == (roles[0], 0)
            )
        ]
        for role in roles
    }


def _pages(file: str, address: str, title: str, *, first: bool) -> list[st.Page]:
    """A page at its address; the first one opens without any, too, and stands in the list once."""
    if not first:
        return [st.Page(_HERE / file, title=title, url_path=address)]
    return [
        st.Page(_HERE / file, title=title, url_path=FIRST, default=True),
        st.Page(_HERE / file, title=title, url_path=address, visibility="hidden"),
    ]


front()
