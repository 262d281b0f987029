"""What stands in the way, what goes to wishes, and what is it worth? Sections of several pages."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from matching.explain import Shortfall
from office.glance import Glance
from office.suppression import is_small
from office.words import Language, number, percent, say
from office.worth import Opening, Priced
from views.charts import trade_off
from views.parts import heading
from views.pictures import Picture, show
from views.planner.asking import small
from views.tables import Column, begun, counts, percents, table, tenths


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
        _openings(plan.helpful, reader)


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
    if is_small(short.without_place_allowed) or is_small(short.others_gain_more):
        lines.append(
            "**No proposal.** Some people have no place that they may take and can reach; for "
            "others, others gain more at every possible place. {empty} openings stay empty."
        )
    else:
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
    show(_trade_off(plan, reader), reader, "trade_off")
    if plan.chosen == plan.most_wishes:
        small(say("The target holds so surely that all the room goes to wishes.", reader))


def _trade_off(plan: Glance, reader: Language) -> Picture:
    """Every plan on the way, from most expected placements to most wishes."""
    named = {
        plan.reached: say("most expected placements", reader),
        plan.most_wishes: say("most wishes", reader),
        plan.chosen: say("chosen plan", reader),
    }
    other = say("other plan", reader)
    return Picture(
        trade_off(plan.curve, plan.chosen, reader),
        (
            Column(say("plan", reader)),
            Column(say("expected placements", reader), tenths(reader)),
            Column(say("wish points", reader), tenths(reader)),
            Column(say("chance of the target", reader), percents(reader)),
        ),
        tuple(
            (begun(named.get(step, other)), step.expected, step.wishes, step.chance)
            for step in plan.curve
        ),
        say("Both ends of the trade-off, and the chosen plan", reader),
        say(
            "Line from {most} expected placements with {few_wishes} wish points to {least} with "
            "{many_wishes}; the chosen plan has {expected} and {wishes}.",
            reader,
            most=number(plan.curve[0].expected, reader, 1),
            few_wishes=number(plan.curve[0].wishes, reader, 1),
            least=number(plan.curve[-1].expected, reader, 1),
            many_wishes=number(plan.curve[-1].wishes, reader, 1),
            expected=number(plan.chosen.expected, reader, 1),
            wishes=number(plan.chosen.wishes, reader, 1),
        ),
    )


def prices(plan: Glance, reader: Language) -> None:
    """What openings and people are worth to the plan: its prices, in words."""
    heading("What openings and people are worth to the plan", reader)
    worth = plan.worth
    facts = {
        "openings": number(worth.of_openings, reader, 1),
        "people": number(worth.of_people, reader, 1),
        "bound": number(worth.bound, reader, 1),
        "paid": number(worth.paid, reader),
        "places": number(worth.places, reader),
    }
    lines = (
        "**An opening’s price** is what one opening more there would add to the plan with the "
        "most expected placements: more than nothing at {paid} of {places} places. At the others "
        "an opening more changes nothing.",
        "**A person’s price** is what that plan would lose without them. It is high where "
        "others could not take their place, and it is no measure of the person.",
        "**Both together prove the plan:** {openings} for all openings and {people} for all people "
        "make {bound}, and no plan can have more expected placements.",
    )
    st.markdown("\n".join("- " + say(line, reader, **facts) for line in lines))
    if worth.openings:
        st.markdown(say("Where one opening more adds most:", reader))
        _openings(worth.openings, reader)
    if worth.people:
        st.markdown(say("How many people have which price:", reader))
        table(
            [
                Column(say("expected placements", reader)),
                Column(say("people", reader), counts(reader)),
            ],
            [(_between(one, at == 0, reader), one.people) for at, one in enumerate(worth.people)],
            say("How many people have which price", reader),
            reader,
            narrow=True,
        )


def _between(one: Priced, is_first: bool, reader: Language) -> str:
    high = number(one.high, reader, 1)
    if is_first:
        return say("up to {high}", reader, high=high)
    return say("over {low} to {high}", reader, low=number(one.low, reader, 1), high=high)


def _openings(openings: Sequence[Opening], reader: Language) -> None:
    table(
        [
            Column(say("occupation", reader)),
            Column(say("municipality", reader)),
            Column(
                say("more expected placements, up to", reader),
                lambda value: "+" + number(value, reader, 2),
            ),
        ],
        [(one.occupation, one.municipality, one.adds) for one in openings],
        say("Where one opening more would help most", reader),
        reader,
        narrow=True,
    )
