"""Will we make it, how sure is that, and what stands in the way? The season as it stands today."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st

from matching.errors import UebergangError
from office.access import User
from office.committee import told_rates
from office.definitions import DEFINED
from office.season_now import RateNow, SeasonNow
from office.suppression import is_small
from office.words import Language, number, say
from views.older import older_note
from views.parts import heading, language, refused
from views.pictures import show
from views.planner.answer import answer
from views.planner.asking import desk, small, user
from views.planner.by_group import by_group, streams
from views.planner.gathering import gathered
from views.planner.helping import target_help
from views.planner.left_out import left_empty, without_proposal
from views.planner.monitor import monitor
from views.planner.proof import footer
from views.planner.reasons import obstacles
from views.planner.season_charts import weeks
from views.tables import Column, counts, percents, table, tenths

#: With more people than this, reasons are gathered only when somebody asks for them.
MANY = 5_000


def page() -> None:
    """The whole page, from the answer to the report."""
    reader = language()
    st.title(say("Will we make it?", reader), anchor=False)
    target_help(reader)
    try:
        now = desk().see_season(by=user())
    except UebergangError as refusal:
        refused(refusal)
        return
    if not now.own.rate.base:
        st.warning(say("Nobody is counted yet: schools hand in their lists first.", reader))
        return
    if is_small(now.own.rate.base):
        words = "Fewer than five people are counted so far; no figures are told of so few."
        st.warning(say(words, reader))
        return
    older_note(now.as_of, reader)
    one = _definition(now, reader)
    answer(now, one, reader)
    way(now, reader)
    rates(now, reader)
    by_week(now, reader)
    by_group(now, reader)
    streams(now, reader)
    reasons(now, reader)
    monitor(reader)
    report(now, reader)


def _definition(now: SeasonNow, reader: Language) -> RateNow:
    """Under which definition the page answers: the office’s own unless another is chosen."""
    own = now.target.definition
    told = {one.definition for one in told_rates([one.rate for one in now.rates], own) if one.shown}
    names = [one.rate.definition for one in now.rates if one.rate.definition in told]
    chosen = st.selectbox(
        say("Counted by", reader),
        names,
        names.index(own),
        format_func=lambda name: say(DEFINED[name][0], reader),
        key="definition",
    )
    return now.under(chosen or own)


def way(now: SeasonNow, reader: Language) -> None:
    """How far the plan has come, and what it no longer covers."""
    if now.plan is None:
        return
    live, few = now.live, say("under 5", reader)

    def told(count: int) -> str:
        return few if is_small(count) else number(count, reader)

    facts = {
        "looking": told(now.looking),
        "counted": told(len(live.counted)),
        "without": told(live.without),
        "fallen": told(live.fallen),
        "newcomers": told(live.newcomers),
    }
    # Beside exact figures the few who fell away or joined could be found by subtracting.
    small = (live.without, len(live.counted), live.fallen, live.newcomers)
    if any(is_small(count) for count in small):
        lines = [
            "**{looking} people look.** Nearly all of them have a proposal that stands."
            if len(live.counted) > live.without
            else "**{looking} people look.** Hardly any of them has a proposal that stands."
        ]
    else:
        lines = [
            "**{looking} people look.** {counted} of them have a proposal that stands, {without} "
            "have none."
        ]
    if live.fallen:
        lines.append(
            "**Proposals of the plan that have fallen away: {fallen}.** They were declined or "
            "withdrawn, or the opening is taken."
        )
    if live.newcomers:
        lines.append("**New since the plan was drawn, and not in it: {newcomers} people.**")
    if live.fallen or live.newcomers:
        lines.append("A new plan would take them in: draw one on the page \u201cPlans\u201d.")
    st.markdown("\n".join("- " + say(line, reader, **facts) for line in lines))


def rates(now: SeasonNow, reader: Language) -> None:
    """Today's figures under each definition."""
    heading("The rate under each definition", reader)
    words = (
        "A rate says nothing without who is counted. These are the same people, counted in four "
        "ways. Own finds are among those placed; unknown whereabouts never count as not placed."
    )
    st.markdown(say(words, reader))
    whole = counts(reader)
    columns = [
        Column(say("definition", reader)),
        Column(say("counted", reader), whole),
        Column(say("placed so far", reader), whole),
        Column(say("of them own finds", reader), whole),
        Column(say("unknown", reader), whole),
        Column(say("still needed", reader), whole),
        Column(say("expected from what is out", reader), tenths(reader)),
        Column(say("expected from the rest of the plan", reader), tenths(reader)),
        Column(say("expected rate", reader), percents(reader)),
        Column(say("chance of the target", reader), percents(reader)),
    ]
    few, untold = say("under 5", reader), say("not told", reader)
    rows: list[tuple[object, ...]] = []
    for told in told_rates([one.rate for one in now.rates], now.target.definition):
        one, name = now.under(told.definition), say(DEFINED[told.definition][0], reader)
        if not told.shown:
            rows.append((name, *[untold] * (len(columns) - 1)))
            continue
        counted = (few if count is None else count for count in
                   (told.placed, told.own_finds, told.unknown))  # fmt: skip
        rest = (untold if value is None else value for value in (told.need,))
        rate = untold if told.rate is None else told.rate
        rows.append((name, told.base, *counted, *rest, one.out, one.planned, rate, told.chance))
    table(columns, rows, say("The rate under each definition", reader), reader)
    if not all(untold not in row for row in rows):
        words = "What differs from another definition by fewer than five people is not told."
        small(say(words, reader))
    with st.expander(say("Who counts, and what counts as placed?", reader)):
        table(
            [Column(say(text, reader)) for text in ("definition", "counted", "counts as placed")],
            [tuple(say(text, reader) for text in one) for one in DEFINED.values()],
            say("What each definition counts", reader),
            reader,
        )


def by_week(now: SeasonNow, reader: Language) -> None:
    """Who started by which week, against the line of the target."""
    heading("Started, week by week", reader)
    if not now.weeks:
        words = "Fewer than five people have started; the line begins with the fifth."
        st.markdown(say(words, reader))
        return
    show(weeks(now, reader), reader, "weeks")
    small(say("Weeks in which fewer than five people started are told together.", reader))


def reasons(now: SeasonNow, reader: Language) -> None:
    """What stands in the way, who has no proposal and why, which openings stay empty."""
    if now.plan is None:
        return
    plan = now.plan
    ready = desk().has_reasons(plan, by=user()) or now.looking <= MANY
    if not ready and not st.session_state.get("gathering"):
        heading("What stands in the way", reader)
        words = "With so many people, gathering all reasons takes a while."
        st.markdown(say(words, reader))
        st.button(
            say("Gather the reasons", reader),
            key="gather",
            on_click=lambda: st.session_state.update(gathering=True),
        )
        return
    try:
        told = gathered(plan, reader)
    except UebergangError as refusal:
        refused(refusal)
        return
    if told is None:
        return
    st.divider()
    st.markdown(say("From here on: the plan in force, as it was drawn.", reader))
    if now.as_of is None:
        older_note(told.as_of, reader)
    obstacles(told, reader)
    without_proposal(told, reader)
    left_empty(told, reader)
    footer(told, reader)


def report(now: SeasonNow, reader: Language) -> None:
    """The report for the committee, to take along."""
    if now.plan is None:
        return
    heading("Report for the committee", reader)
    words = "Counts of fewer than five people are kept back in it. Nothing is sent: you get a file."
    st.markdown(say(words, reader))
    left, right = st.columns(2)
    office = left.text_input(
        say("Office", reader), say("Coordination office", reader), key="office"
    )
    district = right.text_input(say("District", reader), say("Our district", reader), key="of")
    kinds: tuple[tuple[Literal["pdf", "xlsx"], str, str], ...] = (
        ("pdf", "Report as PDF", "application/pdf"),
        (
            "xlsx",
            "Figures as XLSX",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    )
    with st.container(horizontal=True):
        for kind, label, mime in kinds:
            st.download_button(
                say(label, reader),
                partial(_file, now.plan, user(), kind, reader, office, district),
                f"{say('report', reader)}-{now.season.replace('/', '-')}.{kind}",
                mime,
                key=f"report_{kind}",
                on_click="ignore",
            )


def _file(
    plan: int,
    who: User,
    kind: Literal["pdf", "xlsx"],
    reader: Language,
    office: str,
    district: str,
) -> bytes:
    return desk().committee_report(plan, who, kind, reader, office, district)


page()
