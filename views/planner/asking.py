"""Who asks, and whom? The planner's desk, and moments in words."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import streamlit as st

from office.access import User
from office.cases_desk import CasesDesk
from office.planning_desk import PastPlan, PlanningDesk
from office.settings import Settings
from office.words import Language, day, say
from views import parts
from views.tables import begun


@cache
def _desk(settings: Settings) -> PlanningDesk:
    return PlanningDesk(settings)


def desk() -> PlanningDesk:
    """The desk, on the store that the settings name; one for all readers."""
    return _desk(Settings())


@cache
def _cases_desk(settings: Settings) -> CasesDesk:
    return CasesDesk(settings)


def cases_desk() -> CasesDesk:
    """The desk where cases are handed over, on the same store."""
    return _cases_desk(Settings())


def user() -> User:
    """Who reads this page."""
    return parts.reader()


def small(words: str) -> None:
    """A remark in small letters; a caption's are too pale to be read by everybody."""
    st.markdown(f":small[{words}]")


def moment(when: datetime, reader: Language) -> str:
    """A point in time in the office's own: 3. November 2026, 14:05 Uhr."""
    here = when.astimezone()
    return say("{day}, {time}", reader, day=day(here.date(), reader), time=f"{here:%H:%M}")


_STATES: dict[str, str] = {
    "draft": "draft",
    "active": "in force",
    "replaced": "no longer in force",
}


def status_of_plan(status: str, reader: Language) -> str:
    """A plan's state in words."""
    return begun(say(_STATES[status], reader))


def plan_words(plan: PastPlan, reader: Language) -> str:
    """A plan in a list: Plan 3, 3. November 2026, 14:05 (in force)."""
    return say(
        "Plan {plan}, {when} ({state})",
        reader,
        plan=plan.plan,
        when=moment(plan.at, reader),
        state=say(_STATES[plan.status], reader),
    )
