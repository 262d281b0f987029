"""What does a terminal show of a season's plans? The plans, the lines of one, people's rulings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.store.decisions import Ruling
from data.store.plans import PlanLine, Proposal
from office.words import Language, number, percent, say

#: So many lines of a plan are shown; the rest are counted (`--json` has them all).
_MOST_LINES = 50

_PLANS = {"draft": "draft", "active": "in force", "replaced": "replaced"}

_STATUS = {
    "proposed": "proposed",
    "sent": "sent",
    "accepted": "accepted",
    "declined": "declined",
    "contract": "contract",
    "started": "started",
    "withdrawn": "withdrawn",
}

_RULINGS = {"pin": "pinned", "ban": "banned", "lift": "lifted"}


def plan_table(found: Sequence[PlanLine], language: Language) -> RenderableType:
    """The plans, one a line."""
    if not found:
        return say("No plan is kept yet.", language)
    table = Table(box=box.SIMPLE)
    for heading in ("plan", "status", "season", "run", "when", "by"):
        table.add_column(say(heading, language), no_wrap=True)
    table.add_column(say("proposals", language), overflow="fold")
    for one in found:
        table.add_row(
            str(one.id),
            say(_PLANS[one.status], language),
            one.season,
            str(one.run),
            f"{one.at:%Y-%m-%d %H:%M}",
            Text(one.by),
            _stand(one.proposals, language),
        )
    return table


def plan_detail(
    plan: PlanLine, proposals: Sequence[Proposal], language: Language
) -> RenderableType:
    """One plan and its proposals by pseudonym, the moved ones first."""
    head = plan_table((plan,), language)
    table = Table(box=box.SIMPLE)
    for heading in ("pseudonym", "place", "chance", "status", "by", "reason"):
        table.add_column(say(heading, language), overflow="fold")
    shown = sorted(proposals, key=lambda one: one.status == "proposed")[:_MOST_LINES]
    for one in shown:
        last = one.steps[-1]
        table.add_row(
            one.pseudonym,
            Text(one.place),
            percent(one.chance, language),
            say(_STATUS[one.status], language),
            Text(last.by),
            Text(last.reason),
        )
    rest = len(proposals) - len(shown)
    if rest <= 0:
        return Group(head, table)
    more = "  " + say("and {rest} more (--json)", language, rest=number(rest, language))
    return Group(head, table, more)


def ruling_table(found: Sequence[Ruling], language: Language) -> RenderableType:
    """What was ruled about pairs, one ruling a line."""
    if not found:
        return say("Nobody has ruled about a pair yet.", language)
    table = Table(box=box.SIMPLE)
    for heading in ("decision", "pseudonym", "place", "ruling", "holds", "by", "when", "reason"):
        table.add_column(say(heading, language), overflow="fold")
    for one in found:
        table.add_row(
            str(one.id),
            one.seeker,
            Text(one.place),
            say(_RULINGS["lift" if one.bond is None else one.bond.value], language),
            say("yes" if one.holds else "no", language),
            Text(one.by),
            f"{one.at:%Y-%m-%d %H:%M}",
            Text(one.reason),
        )
    return table


def _stand(proposals: Mapping[str, int], language: Language) -> str:
    """How many proposals stand where."""
    told = (
        f"{number(count, language)} {say(_STATUS[status], language)}"
        for status, count in proposals.items()
    )
    return ", ".join(told) or number(0, language)
