"""Will one in three get a place? Today's plan against the target, how sure it is, what stands."""

from __future__ import annotations

import streamlit as st

from matching.errors import UebergangError
from matching.explain import Shortfall
from office.glance import Glance
from office.words import Language, day, number, percent, say
from views.charts import gauge, share_words, trade_off
from views.parts import (
    heading,
    language,
    language_switch,
    refused,
    source_choice,
    todays_plan,
)
from views.planner.left_out import by_municipality, left_empty, without_proposal
from views.planner.proof import footer, proof
from views.tables import Column, begun, counts, percents, table, tenths

#: Who stands in the base of each definition of the rate, and who of them counts as placed.
_DEFINITIONS = {
    "district": (
        "The district's target",
        "everybody registered in the season",
        "company-based training started",
    ),
    "entered": (
        "Entry rate of the labour agency",
        "everybody registered in the season",
        "company- or school-based training started",
    ),
    "interested": (
        "Rate of all who are interested (EQI)",
        "everybody on record as interested, registered or not",
        "company- or school-based training started",
    ),
    "strict": (
        "Strict count (Norwegian register)",
        "registered with at least one wish, or with a contract; without those who withdrew or "
        "whose whereabouts are unknown",
        "company-based training started",
    ),
}


def page() -> None:
    """The whole page, from the answer to how it can be checked."""
    reader = language()
    st.title(say("Today\u2019s plan and the target", reader), anchor=False)
    left, right = st.columns([4, 1])
    with right:
        language_switch()
    with left:
        source = source_choice()
    try:
        plan = todays_plan(source)
    except (UebergangError, OSError) as refusal:
        refused(refusal)
        return
    if plan.invented:
        st.info(
            say(
                "**Invented sample.** No person, firm or school here exists; only postcodes, "
                "municipalities and occupations are real.",
                reader,
            )
        )
    if not plan.base:
        st.warning(say("Nobody is counted yet: hand in school lists with people.", reader))
        return
    for section in (
        answer,
        obstacles,
        rates,
        wishes,
        by_municipality,
        without_proposal,
        left_empty,
    ):
        section(plan, reader)
    proof(plan, reader, source)
    footer(plan, reader)


def answer(plan: Glance, reader: Language) -> None:
    """Will we make it, and how sure is that?"""
    facts = {
        "expected": number(plan.placed + plan.expected, reader),
        "base": number(plan.base, reader),
        "rate": percent(plan.rate, reader),
        "share": share_words(plan, reader),
        "wanted": number(plan.wanted, reader),
        "honest": percent(plan.honest, reader),
        "confidence": percent(plan.confidence, reader, 0),
    }
    if plan.holds:
        words = (
            "**Yes, as far as can be told.** {expected} of {base} registered people are expected "
            "to start training ({rate}). The target of {share} is {wanted}; the plan reaches it "
            "with a chance of {honest}."
        )
        st.success(say(words, reader, **facts))
    elif plan.likely:
        words = (
            "**Probably, but not surely enough.** {expected} of {base} registered people are "
            "expected to start training ({rate}). The target of {share} is {wanted}; the plan "
            "reaches it with a chance of {honest}, and {confidence} are wanted."
        )
        st.warning(say(words, reader, **facts))
    else:
        words = (
            "**Not with this plan.** {expected} of {base} registered people are expected to start "
            "training ({rate}). The target of {share} is {wanted}; the plan reaches it with a "
            "chance of {honest}."
        )
        st.error(say(words, reader, **facts))
    _figures(plan, reader)
    st.altair_chart(
        gauge(plan, reader),
        key="gauge",
        alt=say(
            "Bar of {base} people: {placed} placed so far, {expected} more expected; the target "
            "lies at {wanted}.",
            reader,
            base=facts["base"],
            placed=number(plan.placed, reader),
            expected=number(plan.expected, reader),
            wanted=facts["wanted"],
        ),
    )


def _figures(plan: Glance, reader: Language) -> None:
    with st.container(horizontal=True):
        st.metric(
            say("Placed so far + expected", reader),
            f"{number(plan.placed, reader)} + {number(plan.expected, reader)}",
            border=True,
        )
        st.metric(
            say("Wanted ({share})", reader, share=share_words(plan, reader)),
            number(plan.wanted, reader),
            border=True,
        )
        st.metric(say("Chance of the target", reader), percent(plan.honest, reader), border=True)
        st.metric(
            say("Chance if every estimate is exact", reader),
            percent(plan.chance, reader),
            border=True,
        )
    cut_off = ""
    if plan.cut_off is not None:
        words = "Training that has started by {day} counts. "
        cut_off = say(words, reader, day=day(plan.cut_off, reader))
    st.caption(
        cut_off
        + say(
            "The plan makes {proposals} proposals to {looking} people who look, out of {openings} "
            "openings. The chance of the target allows for the estimates being off all together; "
            "the last figure does not.",
            reader,
            proposals=number(plan.proposals, reader),
            looking=number(plan.looking, reader),
            openings=number(plan.openings, reader),
        )
    )


def obstacles(plan: Glance, reader: Language) -> None:
    """What stands in the way, and which openings would help most."""
    heading("What stands in the way", reader)
    if plan.shortfall is None:
        words = (
            "Nothing that endangers the target: it holds with more than the {confidence} that are "
            "wanted."
        )
        st.markdown(say(words, reader, confidence=percent(plan.confidence, reader, 0)))
    else:
        _shortfall(plan.shortfall, reader)
    if plan.helpful:
        st.markdown(say("One opening more would help most here:", reader))
        adds = say("more expected placements, up to", reader)
        table(
            [
                Column(say("occupation", reader)),
                Column(say("municipality", reader)),
                Column(adds, lambda value: "+" + number(value, reader, 2)),
            ],
            [(one.occupation, one.municipality, one.adds) for one in plan.helpful],
            say("Where one opening more would help most", reader),
            reader,
            narrow=True,
        )


def _shortfall(short: Shortfall, reader: Language) -> None:
    lines = []
    if short.wanted is None:
        lines.append(
            "**A chance of {confidence} is out of reach** with as many proposals as there are; "
            "the best plan has {expected} expected placements."
        )
    else:
        lines.append(
            "**About {missing} expected placements are missing.** A chance of {confidence} takes "
            "about {wanted}; the best plan has {expected}."
        )
    if short.alone < short.need:
        lines.append(
            "**Chances too low.** Even if everybody had their best place to themselves, only "
            "{alone} placements would be expected."
        )
    else:
        lines.append(
            "**Competition.** If everybody had their best place to themselves, {alone} placements "
            "would be expected. Many want the same places: that costs {competition}."
        )
    lines.append(
        "**No proposal.** {without} people have no place that they may take and can reach; for "
        "{others}, others gain more at every possible place. {empty} openings stay empty."
    )
    facts = {
        "confidence": percent(short.confidence, reader, 0),
        "wanted": "" if short.wanted is None else number(short.wanted, reader),
        "expected": number(short.expected, reader),
        "missing": number(short.missing, reader),
        "alone": number(short.alone, reader),
        "competition": number(short.competition, reader),
        "without": number(short.without_place_allowed, reader),
        "others": number(short.others_gain_more, reader),
        "empty": number(short.empty, reader),
    }
    st.markdown("\n".join("- " + say(line, reader, **facts) for line in lines))


def rates(plan: Glance, reader: Language) -> None:
    """The same plan under each definition of the rate."""
    heading("The rate under each definition", reader)
    st.markdown(
        say(
            "A rate says nothing without who is counted. This is the same plan, counted in four "
            "ways. Own finds are among those placed; unknown whereabouts never count as not "
            "placed.",
            reader,
        )
    )
    whole = counts(reader)
    columns = [
        Column(say("definition", reader)),
        Column(say("counted", reader), whole),
        Column(say("placed so far", reader), whole),
        Column(say("of them own finds", reader), whole),
        Column(say("unknown", reader), whole),
        Column(say("still needed", reader), whole),
        Column(say("expected rate", reader), percents(reader)),
        Column(say("chance of the target", reader), percents(reader)),
    ]
    rows = []
    for rate in plan.rates:
        shown = (rate.base, rate.placed, rate.own_finds, rate.unknown, rate.need)
        name = say(_DEFINITIONS[rate.definition][0], reader)
        rows.append((name, *shown, rate.rate, rate.chance_with_model_error))
    table(columns, rows, say("The rate under each definition", reader), reader)
    with st.expander(say("Who counts, and what counts as placed?", reader)):
        table(
            [Column(say(text, reader)) for text in ("definition", "counted", "counts as placed")],
            [tuple(say(text, reader) for text in one) for one in _DEFINITIONS.values()],
            say("What each definition counts", reader),
            reader,
        )


def wishes(plan: Glance, reader: Language) -> None:
    """First the target, then people's wishes: both ends, and the plan in between."""
    heading("First the target, then people's wishes", reader)
    st.markdown(
        say(
            "First the plan with the most expected placements is sought. If it leaves room, the "
            "room serves people's wishes, as long as the target holds with a chance of "
            "{confidence}. Wish points: 1 for a place in the occupation wished first, less for "
            "later wishes and similar occupations.",
            reader,
            confidence=percent(plan.confidence, reader, 0),
        )
    )
    if plan.most_wishes is None:
        st.markdown(
            say(
                "There is no room for that now: the plan with the most expected placements stands. "
                "It serves {wishes} wish points.",
                reader,
                wishes=number(plan.chosen.wishes, reader, 1),
            )
        )
        return
    rows = [
        (say("most expected placements", reader), plan.reached),
        (say("chosen plan", reader), plan.chosen),
        (say("most wishes", reader), plan.most_wishes),
    ]
    left, right = st.columns(2, vertical_alignment="center")
    with left:
        st.altair_chart(
            trade_off(plan.curve, plan.chosen, reader),
            key="trade_off",
            alt=say("Expected placements against wish points; the table has the figures.", reader),
        )
    with right:
        table(
            [
                Column(say("plan", reader)),
                Column(say("expected placements", reader), tenths(reader)),
                Column(say("wish points", reader), tenths(reader)),
                Column(say("chance of the target", reader), percents(reader)),
            ],
            [(begun(name), step.expected, step.wishes, step.chance) for name, step in rows],
            say("Both ends of the trade-off, and the chosen plan", reader),
            reader,
        )
        if plan.chosen == plan.most_wishes:
            st.caption(say("The target holds so surely that all the room goes to wishes.", reader))


page()
