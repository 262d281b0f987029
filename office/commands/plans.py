"""Which plans has a season, and what did people rule? Listed, looked into, put in force."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from data.store.plans import PlanLine
from office.commands.door import (
    By,
    Db,
    Json,
    Number,
    Reader,
    Season,
    actor,
    answer,
    at_the_desk,
)
from office.words import say

Seeker = Annotated[str, typer.Argument(metavar="SEEKER", help="A pseudonym.")]
Place = Annotated[str, typer.Argument(metavar="PLACE", help="A place's id.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why (needed).")]
Status = Literal["sent", "accepted", "declined", "contract", "started", "withdrawn"]


def list_plans(season: Season = None, db: Db = None, as_json: Json = False) -> None:
    """Show the plans, newest first: which is in force, and how far its proposals have come."""
    from office.reports.plan_tables import plan_table

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found = desk.plans(actor(), season)
    answer(
        {"plans": [_facts(plan) for plan in found]}, lambda: plan_table(found, language), as_json
    )


def show_plan(number: Number, db: Db = None, as_json: Json = False) -> None:
    """Show a plan's proposals by pseudonym: place, chance, status, and how it came to that."""
    from office.reports.plan_tables import plan_detail

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        plan, proposals = desk.show_plan(number, actor())
    told = {
        **_facts(plan),
        "lines": [
            {
                "seeker": one.pseudonym,
                "place": one.place,
                "chance": one.chance,
                "status": one.status,
                "history": [
                    {
                        "status": step.status,
                        "at": step.at.isoformat(),
                        "by": step.by,
                        "reason": step.reason,
                    }
                    for step in one.steps
                ],
            }
            for one in proposals
        ],
    }
    answer(told, lambda: plan_detail(plan, proposals, language), as_json)


def activate_plan(
    number: Number, reason: Reason, db: Db = None, as_json: Json = False, by: By = None
) -> None:
    """Put a plan in force for its season; the plan until then is kept as replaced.

    A plan that was replaced can be put in force again. Whoever withdrew in the meantime has no
    proposal in it any more.
    """
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        before, _ = desk.show_plan(number, actor())
        replaced = desk.publish_plan(number, actor(by), reason)
        plan, _ = desk.show_plan(number, actor())
    told = {"active": number, "replaced": replaced, "season": plan.season, "was": before.status}

    def words() -> str:
        facts = {"plan": number, "season": plan.season}
        if before.status == "active":
            return say("Plan {plan} was in force for {season} already.", language, **facts)
        line = say("Plan {plan} is in force for {season}.", language, **facts)
        if replaced is None:
            return line
        return f"{line} {say('It replaces plan {plan}.', language, plan=replaced)}"

    answer(told, words, as_json)


def move_proposal(
    number: Number,
    seeker: Seeker,
    place: Place,
    status: Annotated[Status, typer.Argument(help="How far it has come.")],
    reason: Reason,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Note that a proposal of a plan has come further, who says so and why."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        desk.move_proposal(number, seeker, place, status, actor(by), reason)
    told = {"plan": number, "seeker": seeker, "place": place, "status": status}
    answer(told, lambda: say("Noted.", language), as_json)


def add_decision(
    seeker: Seeker,
    place: Place,
    ruling: Annotated[Literal["pin", "ban", "lift"], typer.Argument(help="What is ruled.")],
    reason: Reason,
    season: Season = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Pin a person to a place, ban the pair, or lift what was ruled about it.

    Every plan that is drawn from the store from now on keeps to it; the last ruling about a pair
    counts.
    """
    from matching.problem import Bond

    language = Reader.language()
    bond = None if ruling == "lift" else Bond(ruling)
    with at_the_desk(db, language, as_json) as desk:
        number = desk.rule_pair(seeker, place, bond, actor(by), reason, season)
    told = {"decision": number, "seeker": seeker, "place": place, "ruling": ruling}
    line = "Decision {number} is noted; the next plan keeps to it."
    answer(told, lambda: say(line, language, number=number), as_json)


def list_decisions(season: Season = None, db: Db = None, as_json: Json = False) -> None:
    """Show what was ruled about pairs in a season, and which of it holds."""
    from office.reports.plan_tables import ruling_table

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found = desk.rulings(actor(), season)
    told = {
        "decisions": [
            {
                "decision": one.id,
                "season": one.season,
                "seeker": one.seeker,
                "place": one.place,
                "ruling": "lift" if one.bond is None else one.bond.value,
                "holds": one.holds,
                "by": one.by,
                "reason": one.reason,
                "at": one.at.isoformat(),
            }
            for one in found
        ]
    }
    answer(told, lambda: ruling_table(found, language), as_json)


def _facts(plan: PlanLine) -> dict[str, object]:
    return {
        "plan": plan.id,
        "run": plan.run,
        "season": plan.season,
        "status": plan.status,
        "at": plan.at.isoformat(),
        "by": plan.by,
        "proposals": sum(plan.proposals.values()),
        "proposals_by_status": dict(plan.proposals),
    }
