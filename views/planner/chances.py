"""Where do the chances come from, and do they keep their word? The planner's page."""

from __future__ import annotations

import streamlit as st

from matching.errors import UebergangError
from office.words import say
from views.models_help import models_help
from views.models_shown import asking, chances_shown, said_now
from views.parts import language, refused
from views.planner.asking import user


def page() -> None:
    """The whole page."""
    reader = language()
    st.title(say("Chances", reader), anchor=False)
    models_help(reader)
    said_now()
    try:
        chances_shown(asking(user(), reader))
    except UebergangError as refusal:
        refused(refusal)


page()
