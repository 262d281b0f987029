"""What does somebody type? Kept while they type, so that no page that is loaded again costs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from views.counselor.here import Here

T = TypeVar("T")

#: A pause of typing, after which what stands there is kept.
_PAUSE = "500ms"


class Form:
    """One form about one person: what was typed before, what stands there now.

    Its fields' keys change once it is saved, so that they are empty again.
    """

    def __init__(self, at: Here, pseudonym: str, name: str) -> None:
        self._at, self._pseudonym, self._name = at, pseudonym, name
        self._round = f"{name}_{pseudonym}_round"
        self._kept = f"{name}_{pseudonym}_kept"
        self._told: dict[str, str] = {}
        if self._kept not in st.session_state:
            st.session_state[self._kept] = dict(at.desk.typed(pseudonym, name, at.by))
        self._before: Mapping[str, str] = st.session_state[self._kept]

    def key(self, field: str) -> str:
        """The key of a field."""
        number = st.session_state.get(self._round, 0)
        return f"{self._name}_{field}_{self._pseudonym}_{number}"

    def before(self, field: str) -> str:
        """What stood in a field when the page was left."""
        return self._before.get(field, "")

    def text(self, label: str, field: str, most: int = 300) -> str:
        """A line of text."""
        key = self.key(field)
        if key not in st.session_state:
            st.session_state[key] = self.before(field)
        words = st.text_input(label, key=key, max_chars=most, live=_PAUSE) or ""
        self._told[field] = words
        return words

    def begin(self, field: str, values: Mapping[str, T], usual: T) -> str:
        """Have a field begin with what stood there, told by its words; gives its key."""
        key = self.key(field)
        if key not in st.session_state:
            st.session_state[key] = values.get(self.before(field), usual)
        return key

    def tell(self, field: str, words: str) -> None:
        """Note what a field of another kind says."""
        self._told[field] = words

    def keep(self) -> None:
        """Keep what stands in the form, if it is something else than before."""
        said = {name: words for name, words in self._told.items() if words}
        if said != st.session_state[self._kept]:
            self._at.desk.keep_typed(self._pseudonym, self._name, said, self._at.by)
            st.session_state[self._kept] = said

    def saved(self) -> None:
        """The form was saved: nothing of it waits any more."""
        self._at.desk.keep_typed(self._pseudonym, self._name, {}, self._at.by)
        st.session_state[self._kept] = {}
        st.session_state[self._round] = st.session_state.get(self._round, 0) + 1
