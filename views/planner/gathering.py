"""How are a plan's reasons come by? Solved again behind the page, with progress, to be stopped."""

from __future__ import annotations

import time
from datetime import timedelta

import streamlit as st

from office.glance import Glance
from office.words import Language, number, say, step_words
from views.parts import language, refused
from views.planner.asking import desk, small, user
from views.tables import begun

#: How often the work is looked at while it goes on.
_EVERY = timedelta(seconds=0.5)

#: So many tenths of a second the page waits: what is done by then needs no bar.
_PATIENCE = 8


def gathered(plan: int, reader: Language) -> Glance | None:
    """A plan's reasons and prices, or `None` as long as they are gathered; then the page tells."""
    who = user()
    if desk().has_reasons(plan, by=who):
        return desk().see_reasons(plan, by=who)
    work = desk().reasons_work(plan, by=who)
    if work is None or work.state == "done":
        work = desk().gather_reasons(plan, by=who)
    for _ in range(_PATIENCE):
        if work is None or work.state != "running":
            break
        time.sleep(0.1)
        work = desk().reasons_work(plan, by=who)
    if work is not None and work.state == "running":
        _watch(plan)
        return None
    if work is None or work.state == "done":
        return desk().see_reasons(plan, by=who)
    if work.state == "stopped":
        st.info(say("Stopped; nothing was changed.", reader))
    elif work.refusal is not None:
        refused(work.refusal)
    else:
        st.error(say("That broke off; nothing was changed. Please report this.", reader))
    if st.button(say("Gather the reasons", reader), key=f"gather_{plan}"):
        desk().gather_reasons(plan, by=who)
        st.rerun()
    return None


@st.fragment(run_every=_EVERY)
def _watch(plan: int) -> None:
    reader = language()
    work = desk().reasons_work(plan, by=user())
    if work is None or work.state != "running":
        st.rerun(scope="app")
    step = begun(step_words(work.step, reader))
    count = f" ({number(work.number, reader)})" if work.number > 1 else ""
    st.progress(work.part, text=f"{step}{count} \N{HORIZONTAL ELLIPSIS}")
    words = "About {left} seconds more. You may leave this page: it goes on."
    if work.seconds >= work.estimate:
        words = "It takes longer than estimated. You may leave this page: it goes on."
    left = number(max(1, round(work.estimate - work.seconds)), reader)
    small(say(words, reader, left=left))
    if st.button(say("Stop", reader), key=f"stop_{plan}"):
        desk().stop_reasons(plan, by=user())
