"""Who and what is left out? Municipalities, people without a proposal, openings that stay empty."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from matching.reasons import StaysEmpty
from office.glance import Area, Glance, Reason
from office.words import Language, number, reason_words, say
from views.charts import district_map
from views.parts import heading
from views.tables import Column, begun, counts, long_table, percents, table, tenths


def by_municipality(plan: Glance, reader: Language) -> None:
    """Where people live, and what they may expect."""
    heading("By municipality", reader)
    st.markdown(
        say(
            "Of those who look, by home: how many have a proposal, and how many placements are "
            "expected from it. In small municipalities chance alone moves the rate.",
            reader,
        )
    )
    left, right = st.columns([5, 6])
    with left:
        st.altair_chart(
            district_map(plan, reader),
            key="map",
            alt=say("Map of the expected rate by municipality; the table has the figures.", reader),
        )
        st.caption(
            say(
                "Schematic map: neighbours are right only roughly, borders are not official.",
                reader,
            )
        )
    with right:
        whole = counts(reader)
        table(
            [
                Column(say("municipality", reader)),
                Column(say("looking", reader), whole),
                Column(say("proposals", reader), whole),
                Column(say("expected placements", reader), tenths(reader)),
                Column(say("expected rate", reader), percents(reader)),
            ],
            [
                (_area(area, reader), area.people, area.proposals, area.expected, area.rate)
                for area in plan.areas
            ],
            say("People, proposals and expected placements by municipality", reader),
            reader,
        )


def _area(area: Area, reader: Language) -> str:
    if area.name is not None:
        return area.name
    return begun(say("outside the district" if area.outside else "home not known", reader))


def without_proposal(plan: Glance, reader: Language) -> None:
    """Who has no proposal, and why."""
    heading("Who has no proposal, and why", reader)
    if not plan.without:
        st.markdown(say("Everybody who looks has a proposal.", reader))
        return
    _reasons(plan.without_reasons, "people", reader)
    with st.expander(say("The list, by pseudonym", reader)):
        st.markdown(
            say(
                "The nearest place is the one where least was missing. \u201cOthers gain\u201d "
                "says by how much more the place adds to the plan with somebody else.",
                reader,
            )
        )
        headings = ("pseudonym", "reason", "nearest place")
        long_table(
            [
                *(Column(say(heading, reader)) for heading in headings),
                Column(say("places refused", reader), counts(reader)),
                Column(say("others gain", reader), partial(_small, reader)),
            ],
            [
                (
                    one.seeker,
                    reason_words(one.reason, reader, one.rule),
                    one.nearest,
                    one.refused or None,
                    one.missing,
                )
                for one in plan.without
            ],
            say("People without a proposal", reader),
            reader,
            key="without",
        )


def _small(reader: Language, value: float) -> str:
    least = 0.001
    return number(value, reader, 3) if value >= least else "< " + number(least, reader, 3)


def _reasons(reasons: Sequence[Reason], counted: str, reader: Language) -> None:
    table(
        [Column(say("reason", reader)), Column(say(counted, reader), counts(reader))],
        [(reason_words(one.reason, reader, one.rule), one.count) for one in reasons],
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
    _reasons(plan.empty_reasons, "openings", reader)
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
