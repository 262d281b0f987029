"""The school's pages alone, tried as one school's user: `UEBERGANG_TEST_SCHOOLS` says of which.

The gate that says who is here in an office has journeys of its own.
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from office.access import Role, User
from office.words import say
from views import parts

ROOT = Path(__file__).parents[2]
PAGES = {"upload": "Hand in a list", "pupils": "Our pupils", "help": "Help for schools"}


def _reader() -> User:
    schools = os.environ.get("UEBERGANG_TEST_SCHOOLS", "").split()
    return User("ulla", frozenset({Role.SCHOOL}), frozenset(schools))


if "UEBERGANG_TEST_SCHOOLS" in os.environ:
    parts.reader = _reader

st.set_page_config(layout="wide")
chosen = os.environ.get("UEBERGANG_TEST_PAGE")
pages = [
    st.Page(
        ROOT / f"views/school/{name}.py",
        title=say(title, parts.language()),
        url_path=name,
        default=name == (chosen or "upload"),
    )
    for name, title in PAGES.items()
]
st.navigation(pages).run()
