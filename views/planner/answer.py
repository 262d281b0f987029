"""Will we make it, and how sure is that? The answer by one definition, in words and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from office.season_now import RateNow, SeasonNow
from office.suppression import is_small
from office.words import Language, day, number, percent, say
from views.pictures import outlook_facts, placements, show
from views.planner.asking import small
from views.planner.season_charts import gauge, share_of

Tone = Literal["good", "doubtful", "bad"]


def answer(now: SeasonNow, one: RateNow, reader: Language) -> None:
    """Will we make it, and how sure is that?"""
    few, facts = is_small(one.rate.placed), _facts(now, one, reader)
    if now.plan is None:
        words = (
            "**No plan is in force yet.** {placed} of {base} people are placed; the target of "
            "{share} is {wanted}. Draw a plan on the page \u201cPlans\u201d, then publish it."
        )
        st.warning(say(words, reader, **facts))
        return
    tone, said = verdict(now, one, reader)
    {"good": st.success, "doubtful": st.warning, "bad": st.error}[tone](said)
    _figures(now, one, reader, facts)
    if few:
        words = "Fewer than five people are placed so far; what would tell how many is not shown."
        small(say(words, reader))
        return
    show(gauge(now, one, reader), reader, "gauge")
    show(placements(one.outlook, share_of(now, reader), reader), reader, "placements")


def _figures(now: SeasonNow, one: RateNow, reader: Language, facts: Mapping[str, str]) -> None:
    told = (
        (say("Placed so far", reader), facts["placed"]),
        (say("Expected from what is out", reader), number(one.out, reader)),
        (say("Expected from the rest of the plan", reader), number(one.planned, reader)),
        (say("Chance of the target", reader), facts["honest"]),
    )
    with st.container(horizontal=True):
        for name, words in told:
            st.metric(name, words, border=True)
    cut_off = ""
    if now.target.cut_off is not None:
        words = "Training that has started by {day} counts. "
        cut_off = say(words, reader, day=day(now.target.cut_off, reader))
    small(
        cut_off
        + say(
            "Season {season}, as of {day}. \u201cOut\u201d is what was sent or applied for and has "
            "no final answer. With that alone the chance of the target is {chance}.",
            reader,
            season=now.season,
            day=day(now.on, reader),
            chance=percent(one.of_out, reader),
        )
    )


def _facts(now: SeasonNow, one: RateNow, reader: Language) -> dict[str, str]:
    few = is_small(one.rate.placed)
    return {
        **outlook_facts(one.outlook, reader),
        "expected": number(one.expected, reader),
        "base": number(one.rate.base, reader),
        "rate": percent(one.rate.rate, reader),
        "share": share_of(now, reader),
        "honest": percent(one.rate.chance_with_model_error, reader),
        "confidence": percent(now.target.confidence, reader, 0),
        "placed": say("under 5", reader) if few else number(one.rate.placed, reader),
    }


def verdict(now: SeasonNow, one: RateNow, reader: Language) -> tuple[Tone, str]:
    """The answer in a sentence, with the range that it may lie in; and in which tone."""
    facts = _facts(now, one, reader)
    told = (
        "{expected} of {base} people are expected to start training ({rate}); with {within} "
        "certainty it will be {low} to {high}. The target of {share} is {wanted}; its chance is "
        "{honest}, and {confidence} are wanted."
    )
    few = (
        "The target of {share} is {wanted} of {base} people; its chance is {honest}, and "
        "{confidence} are wanted."
    )
    words = say(few if is_small(one.rate.placed) else told, reader, **facts)
    if now.holds(one):
        return "good", say("**Yes, as far as can be told.**", reader) + " " + words
    if one.likely:
        return "doubtful", say("**Probably, but not surely enough.**", reader) + " " + words
    return "bad", say("**Not with this plan.**", reader) + " " + words
