"""Which plan shall be in force from now on? A named person decides, with a reason."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from matching.errors import UebergangError
from office.plan_changes import Changes
from office.planning_desk import PastPlan
from office.words import Language, number, percent, say
from views.parts import heading, language, plain, refused
from views.planner.asking import desk, plan_words, user
from views.planner.changes import changes_table
from views.planner.held_to import held_words
from views.planner.helping import publish_help
from views.tables import tenths

#: Where what was just published is remembered until it has been said.
_DONE = "published_just_now"


def page() -> None:
    """The whole page: choose, look, say why, publish."""
    reader = language()
    st.title(say("Publish a plan", reader), anchor=False)
    publish_help(reader)
    words = (
        "With this a plan is in force: counselors work with its proposals from then on. Nothing is "
        "sent by it, and it can be taken back by putting the earlier plan in force again."
    )
    st.markdown(say(words, reader))
    try:
        plans = desk().plan_history(by=user())
    except UebergangError as refusal:
        refused(refusal)
        return
    _done(reader)
    active = next((one for one in plans if one.status == "active"), None)
    others = [one for one in plans if one.status != "active"]
    if active is not None:
        facts = {"plan": plan_words(active, reader)}
        st.markdown(say("In force now: **{plan}**", reader, **facts))
    if not others:
        words = "There is no other plan to publish. Draw one on the page \u201cPlans\u201d."
        st.info(say(words, reader))
        return
    chosen = _choice(others, reader)
    try:
        told = None
        if active is not None:
            told = desk().plan_changes(active.plan, chosen.plan, by=user())
        what_comes(chosen, told, reader)
    except UebergangError as refusal:
        refused(refusal)
        return
    decide(chosen, active, reader)


def _choice(others: Sequence[PastPlan], reader: Language) -> PastPlan:
    numbers = {one.plan: one for one in others}
    plan = st.selectbox(
        say("Plan to publish", reader),
        list(numbers),
        format_func=lambda one: plan_words(numbers[one], reader),
        key="plan",
    )
    return numbers[plan]


def what_comes(chosen: PastPlan, told: Changes | None, reader: Language) -> None:
    """What the plan came to, what it changes, and what to be careful about."""
    heading("What it changes", reader)
    with st.container(horizontal=True):
        for name, words in (
            ("Proposals", number(chosen.proposals, reader)),
            ("Expected placements", tenths(reader)(chosen.expected)),
            ("Chance of the target", percent(chosen.chance, reader)),
        ):
            st.metric(say(name, reader), words, border=True)
    for line in held_words(chosen.held_to, reader):
        st.markdown(line)
    if told is None:
        st.markdown(say("It would be the season\u2019s first plan in force.", reader))
        return
    before, after = (percent(one.chance, reader) for one in (told.before, told.after))
    if told.after.chance < told.before.chance and after != before:
        words = (
            "**The chance of the target falls** from {before} to {after}, each as of the day on "
            "which the plan was drawn."
        )
        st.warning(say(words, reader, before=before, after=after))
    if told.out_dropped != 0:
        some = say("under 5", reader)
        words = (
            "**Proposals that are out and that this plan does not have: {count}.** They stay out "
            "until somebody withdraws them; talk to the counselors first."
        )
        count = some if told.out_dropped is None else number(told.out_dropped, reader)
        st.warning(say(words, reader, count=count))
    changes_table(told, reader)


def decide(chosen: PastPlan, active: PastPlan | None, reader: Language) -> None:
    """The reason, and the button that puts the plan in force."""
    heading("Put it in force", reader)
    facts = {"who": plain(user().name), "plan": chosen.plan}
    with st.form("publish"):
        reason = st.text_area(say("Reason", reader), key="reason", max_chars=500)
        st.markdown(say("Kept with your name. Please write nothing about single people.", reader))
        sure = st.checkbox(
            say("I, {who}, have looked at what it changes.", reader, **facts), key="sure"
        )
        sent = st.form_submit_button(say("Put plan {plan} in force", reader, **facts))
    if not sent:
        return
    if not reason.strip():
        st.error(say("Please give a reason.", reader))
    elif not sure:
        st.error(say("Please confirm that you have looked at what it changes.", reader))
    else:
        try:
            desk().publish_plan(chosen.plan, by=user(), reason=reason)
        except UebergangError as refusal:
            refused(refusal)
            return
        st.session_state[_DONE] = chosen.plan, None if active is None else active.plan
        st.rerun()


def _done(reader: Language) -> None:
    done = st.session_state.pop(_DONE, None)
    if done is None:
        return
    plan, before = done
    words = say("**Plan {plan} is in force.**", reader, plan=plan)
    if before is not None:
        back = "To take that back, choose plan {before} below and put it in force again."
        words += " " + say(back, reader, before=before)
    st.success(words)


page()
