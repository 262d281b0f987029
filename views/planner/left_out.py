"""Who and what is left out? People without a proposal, openings that stay empty."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from matching.reasons import StaysEmpty
from office.committee import ToldReason, told_reasons
from office.glance import Glance
from office.words import Language, reason_words, say
from views.parts import heading
from views.planner.asking import small
from views.tables import Column, counts, long_table, table


def without_proposal(plan: Glance, reader: Language) -> None:
    """Who has no proposal, and why: how many for each reason, nobody by name or pseudonym."""
    heading("Who has no proposal, and why", reader)
    if not plan.without:
        st.markdown(say("Everybody who looks has a proposal.", reader))
        return
    told = told_reasons(plan.without_reasons)
    if told:
        _reasons([(told_words(one, reader), one.count) for one in told], "people", reader)
    else:
        st.markdown(say("Fewer than five people have none; why is not told.", reader))
    words = (
        "Who they are, which place came nearest and what would help them, their counselors see "
        "under “My caseload”."
    )
    small(say(words, reader))


def told_words(one: ToldReason, reader: Language) -> str:
    """A reason in words, or that several with few people are told together."""
    if one.reason is None:
        return say("Several reasons with fewer than five people each", reader)
    return reason_words(one.reason, reader, one.rule)


def _reasons(rows: Sequence[tuple[str, int]], counted: str, reader: Language) -> None:
    table(
        [Column(say("reason", reader)), Column(say(counted, reader), counts(reader))],
        rows,
        say("Reasons and how often", reader),
        reader,
        narrow=True,
    )


def left_empty(plan: Glance, reader: Language) -> None:
    """Which openings stay empty, and why."""
    heading("Openings that stay empty, and why", reader)
    if not plan.empty:
        st.markdown(say("Every opening has a proposal.", reader))
        return
    reasons = [(reason_words(one.reason, reader), one.count) for one in plan.empty_reasons]
    _reasons(reasons, "openings", reader)
    st.markdown(say("Most of them are in these occupations:", reader))
    whole = counts(reader)
    table(
        [Column(say("occupation", reader)), Column(say("openings", reader), whole)],
        plan.empty_occupations,
        say("Occupations with the most empty openings", reader),
        reader,
        narrow=True,
    )
    with st.expander(say("The list of openings", reader)):
        words: dict[StaysEmpty, str] = {
            reason: reason_words(reason, reader) for reason in StaysEmpty
        }
        long_table(
            [
                *(Column(say(text, reader)) for text in ("occupation", "firm", "town")),
                Column(say("empty", reader), whole),
                Column(say("reason", reader)),
            ],
            [
                (one.occupation, one.employer, one.where, one.openings, words[one.reason])
                for one in plan.empty
            ],
            say("Places with openings that stay empty", reader),
            reader,
            key="empty",
        )
