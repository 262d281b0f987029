"""Who looks after how many, and who takes them over? Cases handed from one counselor to another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from matching.errors import UebergangError
from office.case_counts import CaseCount, Lot
from office.counseling_desk import Stage
from office.suppression import is_small
from office.words import Language, number, say
from office.words.cases import stage_words
from views.parts import heading, language, plain, refused
from views.planner.asking import cases_desk, small, user
from views.planner.helping import hand_over_help
from views.tables import Column, begun, counts, table

#: Where what was just handed over is remembered until it has been said.
_DONE = "handed_over_just_now"

#: What stands for those whom nobody looks after, and for handing to nobody.
_NOBODY = ""


def page() -> None:
    """The whole page: who has how many, and handing over."""
    reader = language()
    st.title(say("Hand over cases", reader), anchor=False)
    hand_over_help(reader)
    _done(reader)
    try:
        told = cases_desk().case_counts(by=user())
        takers = cases_desk().counselors(by=user())
    except UebergangError as refusal:
        refused(refusal)
        return
    if not any(one.people is None or one.people for one in told):
        words = "There are no cases yet: schools hand in their lists first."
        st.info(say(words, reader))
        return
    overview(told, reader)
    if not takers:
        words = "There is no counselor yet. The administration opens accounts on the page “Users”."
        st.info(say(words, reader))
        return
    hand_over(told, takers, reader)


def overview(told: Sequence[CaseCount], reader: Language) -> None:
    """Which counselor has how many cases in which state."""
    heading("Who has how many cases", reader)
    whole, untold = counts(reader), say("not told", reader)
    table(
        [
            Column(say("looked after by", reader)),
            Column(say("cases", reader), whole),
            *(Column(stage_words(stage, reader), whole) for stage in Stage),
        ],
        [
            (
                _who(one.counselor, reader),
                say("under 5", reader) if one.people is None else one.people,
                *(untold if one.stages[stage] is None else one.stages[stage] for stage in Stage),
            )
            for one in told
        ],
        say("Cases of each counselor by state", reader),
        reader,
    )
    if any(None in (one.people, *one.stages.values()) for one in told):
        words = "Numbers of fewer than five people are not told, nor what would tell them."
        small(say(words, reader))


def hand_over(told: Sequence[CaseCount], takers: Sequence[str], reader: Language) -> None:
    """Whose cases, which of them, to whom; first what it comes to, then the button."""
    heading("Hand over", reader)
    givers = {one.counselor or _NOBODY: one for one in told if one.people is None or one.people}
    left, right = st.columns(2)
    giver = left.selectbox(
        say("Cases of", reader),
        list(givers),
        format_func=lambda one: _who(one or None, reader),
        key="giver",
    )
    receivers = [one for one in (*takers, _NOBODY) if one != giver]
    to = right.selectbox(
        say("go to", reader),
        receivers,
        format_func=lambda one: _who(one or None, reader),
        key=f"to_{giver}",
    )
    lots = cases_desk().lots(giver or None, by=user())
    which = st.selectbox(
        say("Which of them", reader),
        (None, *lots),
        format_func=lambda lot: _lot(lot, givers[giver], reader),
        key=f"lot_{giver}",
    )
    most = None
    available = givers[giver].people if which is None else which.people
    if available is not None and st.checkbox(say("Not all of these", reader), key=f"some_{giver}"):
        most = int(
            st.number_input(
                say("How many", reader), 1, available, available, key=f"most_{giver}_{available}"
            )
        )
    _sure(giver or None, to or None, which, most, available, reader)


def _sure(
    giver: str | None,
    to: str | None,
    which: Lot | None,
    most: int | None,
    available: int | None,
    reader: Language,
) -> None:
    """What it comes to, and the button; nothing happens before it is confirmed."""
    facts = {
        "count": _count(available if most is None else most, reader),
        "giver": plain(_who(giver, reader)),
        "to": plain(_who(to, reader)),
    }
    words = "**{count} cases** go from **{giver}** to **{to}**. Contacts and decisions stay."
    if to is None:
        words = "**{count} cases** of **{giver}** will be nobody\u2019s: every counselor sees them."
    with st.form("hand_over"):
        st.markdown(say(words, reader, **facts))
        sure = st.checkbox(say("Yes, that is what I want.", reader), key="sure")
        sent = st.form_submit_button(say("Hand over", reader))
    if not sent:
        return
    if not sure:
        st.error(say("Please confirm it first.", reader))
        return
    of_schools = None if which is None else which.schools
    try:
        given = cases_desk().hand_over_cases(giver, to, by=user(), of_schools=of_schools, most=most)
    except UebergangError as refusal:
        refused(refusal)
        return
    st.session_state[_DONE] = given, giver, to
    st.rerun()


def _done(reader: Language) -> None:
    done = st.session_state.pop(_DONE, None)
    if done is None:
        return
    given, giver, to = done
    words = (
        "**{count} cases were handed over** from {giver} to {to}. To take that back, hand them "
        "over the other way."
    )
    facts = {"giver": plain(_who(giver, reader)), "to": plain(_who(to, reader))}
    st.success(say(words, reader, count=_count(given, reader), **facts))


def _count(count: int | None, reader: Language) -> str:
    if count is None or is_small(count):
        return begun(say("under 5", reader))
    return number(count, reader)


def _who(counselor: str | None, reader: Language) -> str:
    return begun(say("nobody", reader)) if counselor is None else counselor


def _lot(lot: Lot | None, giver: CaseCount, reader: Language) -> str:
    if lot is None:
        return say("all of them ({count})", reader, count=_count(giver.people, reader))
    name = lot.name or say("{count} schools together", reader, count=len(lot.schools))
    return f"{name} ({number(lot.people, reader)})"


page()
