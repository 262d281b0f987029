"""Which plan is in force, what came before, and what changed? Drawing the next one."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import timedelta

import streamlit as st

from matching.errors import UebergangError
from office.drawing_work import Work
from office.planning_desk import PastPlan
from office.words import Language, number, percent, say, step_words
from views.parts import heading, language, plain, refused
from views.planner.asking import desk, moment, plan_words, small, status_of_plan, user
from views.planner.changes import changes_table
from views.planner.gathering import gathered
from views.planner.held_to import held_words
from views.planner.helping import plans_help
from views.planner.proof import believed, footer
from views.planner.reasons import prices, wishes
from views.tables import Column, begun, counts, percents, table, tenths

#: How often a drawing is looked at while it goes on.
_EVERY = timedelta(seconds=0.5)


def page() -> None:
    """The whole page: draw, compare, look back."""
    reader = language()
    st.title(say("Plans", reader), anchor=False)
    plans_help(reader)
    try:
        plans = desk().plan_history(by=user())
    except UebergangError as refusal:
        refused(refusal)
        return
    draw(plans, reader)
    if not plans:
        words = "There is no plan yet. Hand in school lists and openings first, then draw one here."
        st.info(say(words, reader))
        return
    in_force(plans, reader)
    if len(plans) > 1:
        changed(plans, reader)
    history(plans, reader)
    closely(plans, reader)


def draw(plans: Sequence[PastPlan], reader: Language) -> None:
    """Draw the next plan: with its steps, an estimate and a way to stop."""
    heading("Draw a new plan", reader)
    words = (
        "A new plan takes in everybody and every opening as they stand now, and keeps to all "
        "rulings. It is a draft: nothing changes until somebody publishes it."
    )
    st.markdown(say(words, reader))
    work = desk().drawing(by=user())
    if work is not None and work.state == "running":
        _watch()
        return
    if work is not None:
        drafts = {one.plan for one in plans if one.status == "draft"}
        _ended(work, drafts, reader)
    if st.button(say("Draw a plan", reader), key="draw", type="primary"):
        try:
            desk().start_drawing(by=user())
        except UebergangError as refusal:
            refused(refusal)
            return
        st.rerun()


@st.fragment(run_every=_EVERY)
def _watch() -> None:
    reader = language()
    work = desk().drawing(by=user())
    if work is None or work.state != "running":
        st.rerun(scope="app")
    step = begun(step_words(work.step, reader))
    count = f" ({number(work.number, reader)})" if work.number > 1 else ""
    st.progress(work.part, text=f"{step}{count} \N{HORIZONTAL ELLIPSIS}")
    left = max(1, round(work.estimate - work.seconds))
    words = (
        "About {left} seconds more; drawn for {who}. You may leave this page: it goes on."
        if work.seconds < work.estimate
        else "It takes longer than estimated; drawn for {who}. You may leave this page: it goes on."
    )
    small(say(words, reader, left=number(left, reader), who=plain(work.by)))
    if st.button(say("Stop", reader), key="stop"):
        desk().stop_drawing(by=user())
        small(say("It is being stopped.", reader))


def _ended(work: Work, drafts: Set[int], reader: Language) -> None:
    if work.state == "done" and work.kept is not None:
        drawn = work.kept.drawn.result.verdict
        words = (
            "**Plan {plan} is drawn** ({seconds} seconds): {proposals} proposals, {expected} "
            "expected placements, the target with a chance of {chance}."
        )
        facts = {
            "plan": work.kept.plan,
            "seconds": number(work.seconds, reader, 1),
            "proposals": number(drawn.placed, reader),
            "expected": number(drawn.expected, reader),
            "chance": percent(drawn.chance_with_model_error, reader),
        }
        told = " ".join((say(words, reader, **facts), *held_words(work.kept.held_to, reader)))
        if work.kept.plan in drafts:
            next_step = "It is a draft; publish it on the page \u201cPublish a plan\u201d."
            told = f"{told} {say(next_step, reader)}"
        st.success(told)
    elif work.state == "stopped":
        st.info(say("The drawing was stopped; nothing of it is kept.", reader))
    elif work.refusal is not None:
        refused(work.refusal)
    else:
        st.error(say("The drawing broke off; nothing of it is kept. Please report this.", reader))
    if st.button(say("Hide this message", reader), key="hide"):
        desk().forget_drawing(by=user())
        st.rerun()


def in_force(plans: Sequence[PastPlan], reader: Language) -> None:
    """The plan in force, who put it in force and why."""
    heading("The plan in force", reader)
    plan = next((one for one in plans if one.status == "active"), None)
    if plan is None:
        words = "No plan is in force. Publish a draft on the page \u201cPublish a plan\u201d."
        st.info(say(words, reader))
        return
    facts = {
        "plan": plan.plan,
        "drawn": moment(plan.at, reader),
        "by": plain(plan.by),
        "proposals": number(plan.proposals, reader),
        "expected": number(plan.expected, reader),
        "chance": percent(plan.chance, reader),
    }
    lines = [
        "**Plan {plan}**, drawn {drawn} by {by}: {proposals} proposals, {expected} expected "
        "placements; on that day the chance of the target was {chance}."
    ]
    if plan.published:
        lines.append("Published {when} by {whom}: {why}")
        last = plan.published[0]
        facts |= {
            "when": moment(last.at, reader),
            "whom": plain(last.by),
            "why": plain(last.reason),
        }
    told = [say(line, reader, **facts) for line in lines]
    told[1:1] = held_words(plan.held_to, reader)
    st.markdown("\n".join(f"- {line}" for line in told))


def closely(plans: Sequence[PastPlan], reader: Language) -> None:
    """One plan from closer by: what it is worth, what went to wishes, and its proof."""
    heading("One plan from closer by", reader)
    numbers = {one.plan: one for one in plans}
    active = next((one.plan for one in plans if one.status == "active"), plans[0].plan)
    chosen = st.selectbox(
        say("Plan", reader),
        list(numbers),
        list(numbers).index(active),
        format_func=lambda one: plan_words(numbers[one], reader),
        key="closely",
    )
    words = "For that the plan is solved again from what was kept; with many people it takes long."
    small(say(words, reader))
    if not st.toggle(say("Show wishes, prices and proof", reader), key="proof"):
        return
    try:
        told = gathered(chosen, reader)
    except UebergangError as refusal:
        refused(refusal)
        return
    if told is None:
        return
    wishes(told, reader)
    prices(told, reader)
    heading("Why believe it?", reader)
    believed(told, reader)
    st.markdown(say("Check it without trusting this page: solve it again.", reader))
    st.code(f"uebergang runs replay {numbers[chosen].run}", language=None)
    footer(told, reader)


def changed(plans: Sequence[PastPlan], reader: Language) -> None:
    """What changed from one plan to another."""
    heading("What changed", reader)
    numbers = {one.plan: one for one in plans}
    newest = plans[0].plan
    active = next((one.plan for one in plans if one.status == "active"), None)
    before = active if active not in {None, newest} else plans[1].plan

    def named(plan: int) -> str:
        return plan_words(numbers[plan], reader)

    left, right = st.columns(2)
    order = list(numbers)
    one = left.selectbox(
        say("From", reader),
        order,
        order.index(before or newest),
        format_func=named,
        key=f"before_{newest}",
    )
    other = right.selectbox(say("To", reader), order, 0, format_func=named, key=f"after_{newest}")
    if one is None or other is None or one == other:
        st.markdown(say("Choose two plans.", reader))
        return
    try:
        changes_table(desk().plan_changes(one, other, by=user()), reader)
    except UebergangError as refusal:
        refused(refusal)


def history(plans: Sequence[PastPlan], reader: Language) -> None:
    """Every plan of the season, the newest first."""
    heading("All plans of the season", reader)
    rows = []
    # Stated weights have no honest value: a column of dashes would say nothing.
    is_learned = any(one.held_to is not None for one in plans)
    for one in plans:
        last = one.published[0] if one.published else None
        why = None if last is None else f"{moment(last.at, reader)}, {last.by}: {last.reason}"
        honest = None if one.held_to is None else one.held_to.honest
        held = (honest,) if is_learned else ()
        figures = (one.proposals, one.expected, *held, one.chance, one.rate)
        state = status_of_plan(one.status, reader)
        rows.append((str(one.plan), state, moment(one.at, reader), one.by, *figures, why))
    table(
        [
            Column(say("plan", reader)),
            Column(say("state", reader)),
            Column(say("drawn", reader)),
            Column(say("by", reader)),
            Column(say("proposals", reader), counts(reader)),
            Column(say("expected placements", reader), tenths(reader)),
            *([Column(say("of them to be held to", reader), tenths(reader))] if is_learned else []),
            Column(say("chance of the target", reader), percents(reader)),
            Column(say("expected rate", reader), percents(reader)),
            Column(say("published", reader)),
        ],
        rows,
        say("All plans of the season", reader),
        reader,
    )


page()
