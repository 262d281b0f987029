"""What does a terminal show? A plan's summary, faults and violations, in the reader's language."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING

from babel.numbers import format_scientific
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from data.reference.occupations import title_of
from data.reference.postcodes import ATTRIBUTION
from matching.errors import Fault
from matching.plan import Reach, Result, Verdict, Violation
from matching.problem import Problem
from office.words import (
    Language,
    check_words,
    number,
    percent,
    reason_words,
    rule_words,
    say,
    status_words,
)

if TYPE_CHECKING:
    # `verify` shows its findings with this file, on machines that have no solver.
    from matching.explain import Shortfall
    from matching.policy import Steered
    from office.audit import Audit
    from office.claims import Condition
    from office.drawing import Drawn


def plan_summary(drawn: Drawn, language: Language) -> RenderableType:
    """A district's plan against its target: the answer first, then how sure, then what stands."""
    parts: list[RenderableType] = []
    if drawn.problem.invented:
        parts.append(Text(say("Everybody and every firm here is invented.", language), "yellow"))
    parts.append(_answer(drawn, language))
    parts.append(_rates(drawn, language))
    parts.append(_steps(drawn.steered, language))
    if drawn.shortfall is not None:
        parts.append(_shortfall(drawn.shortfall, language))
    parts.append(_left_out(drawn, language))
    return Group(*parts)


def _answer(drawn: Drawn, language: Language) -> RenderableType:
    problem, verdict = drawn.problem, drawn.result.verdict
    share = problem.target.share
    lines = [
        say(
            "{expected} of {base} expected to be placed: {rate} (wanted: {share}, that is {need})",
            language,
            expected=number(problem.placed_already + verdict.expected, language, 1),
            base=number(problem.base, language),
            rate=percent(verdict.rate, language),
            share=f"{share.numerator}/{share.denominator}",
            need=number(problem.placed_already + verdict.need, language),
        ),
        say(
            "Chance of the target: {chance}, and {honest} if the chances may all be off together",
            language,
            chance=percent(verdict.chance_of_target, language),
            honest=percent(verdict.chance_with_model_error, language),
        ),
        f"{say('Proof', language)}: {_proof(drawn.result, language)}",
    ]
    holds = verdict.chance_with_model_error >= problem.target.confidence
    title = say("The target holds" if holds else "The target is not sure", language)
    style = "green" if holds else "yellow"
    return Panel("\n".join(lines), title=title, border_style=style, box=box.ROUNDED)


def _proof(result: Result, language: Language) -> str:
    what = "expected placements" if isinstance(result.aim, Reach) else "wishes"
    return say(
        "{value} of at most {bound} {what} (gap {gap}); every rule recounted: {status}",
        language,
        value=_exact(result.value, language, 2),
        bound=_exact(result.bound, language, 2),
        what=say(what, language),
        gap=percent(result.gap, language, 4),
        status=status_words(result.status, language),
    )


def _rates(drawn: Drawn, language: Language) -> RenderableType:
    table = Table(box=box.SIMPLE, title=say("Under each definition of the rate", language))
    for heading in ("definition", "base", "placed so far", "own finds", "unknown", "still needed"):
        table.add_column(say(heading, language), justify="right")
    table.add_column(say("expected rate", language), justify="right")
    table.add_column(say("chance of the target", language), justify="right")
    table.columns[0].justify, table.columns[0].no_wrap = "left", True
    for rate in drawn.rates:
        counts = (rate.base, rate.placed, rate.own_finds, rate.unknown, rate.need)
        table.add_row(
            say(rate.definition, language),
            *(number(count, language) for count in counts),
            percent(rate.rate, language),
            percent(rate.chance_with_model_error, language),
        )
    return table


def _steps(steered: Steered, language: Language) -> RenderableType:
    table = Table(box=box.SIMPLE, title=say("First the target, then people's wishes", language))
    table.add_column(say("plan", language))
    for heading in ("expected placements", "wishes", "chance of the target"):
        table.add_column(say(heading, language), justify="right")
    reach = steered.reached.verdict
    rows = [(say("most expected placements", language), reach)]
    if steered.served is not None:
        rows.append((say("chosen: wishes served", language), steered.served.verdict))
    for name, verdict in rows:
        table.add_row(
            name,
            number(verdict.expected, language, 1),
            number(verdict.wishes, language, 1),
            percent(verdict.chance_with_model_error, language),
        )
    if steered.served is not None:
        end = steered.curve[-1]
        table.add_row(
            say("most wishes", language),
            number(end.expected, language, 1),
            number(end.wishes, language, 1),
            percent(end.chance, language),
        )
        most = steered.served.verdict
        if isclose(most.wishes, end.wishes) and isclose(most.expected, end.expected):
            words = say("The target holds so surely that all the room went to wishes.", language)
            return Group(table, Padding(words, (0, 0, 1, 2)))
    return table


def _shortfall(short: Shortfall, language: Language) -> RenderableType:
    lines = [
        say(
            "Wanted: {confidence} sure. That would take about {wanted} expected placements; the "
            "best plan has {expected}.",
            language,
            confidence=percent(short.confidence, language, 0),
            wanted="-" if short.wanted is None else number(short.wanted, language),
            expected=number(short.expected, language, 1),
        ),
        say(
            "If everybody had their best place to themselves, {alone} would be expected: "
            "competition costs {competition}.",
            language,
            alone=number(short.alone, language, 1),
            competition=number(short.competition, language, 1),
        ),
        say(
            "{without} who look have no place that they are allowed to take, for {others} others "
            "gain more; {empty} openings stay empty.",
            language,
            without=number(short.without_place_allowed, language),
            others=number(short.others_gain_more, language),
            empty=number(short.empty, language),
        ),
    ]
    for scarce in short.scarce:
        lines.append(
            say(
                "One opening more for {occupation} in {municipality} adds up to {price} expected "
                "placements.",
                language,
                occupation=title_of(scarce.occupation) if scarce.occupation else "-",
                municipality=scarce.municipality or "-",
                price=number(scarce.price, language, 2),
            )
        )
    return Panel("\n".join(lines), title=say("What stands against it", language), box=box.ROUNDED)


def _left_out(drawn: Drawn, language: Language) -> RenderableType:
    table = Table(box=box.SIMPLE, title=say("Not in the plan", language))
    table.add_column(say("who or what, and why", language))
    table.add_column(say("how many", language), justify="right")
    people = Counter(reason_words(one.reason, language, one.rule) for one in drawn.unplaced)
    for words, count in people.most_common():
        table.add_row(words, number(count, language))
    empty: Counter[str] = Counter()
    for vacancy in drawn.vacancies:
        empty[reason_words(vacancy.reason, language)] += vacancy.openings
    for words, count in empty.most_common():
        table.add_row(words, number(count, language))
    return table


def file_lines(folder: Path, language: Language, command: str = "uebergang") -> str:
    """Where a plan's files are, and the command that checks them: whole lines, to be copied.

    `command` is how the reader called the program, so that the copied line finds it again.
    """
    at = shlex.quote(str(folder))
    lines = [
        say("Files: {folder}", language, folder=folder),
        say("Check it without trusting us:", language),
        f"  {command} verify {at}/pairs.csv --openings {at}/places.csv --plan {at}/plan.csv "
        f"--prices {at}",
        say(ATTRIBUTION, language),
    ]
    return "\n".join(lines)


def solve_summary(
    problem: Problem, steered: Steered, folder: Path, language: Language
) -> RenderableType:
    """A solved pair list in a few lines."""
    result = steered.chosen
    table = _figures(problem, result.verdict, language)
    table.add_row(say("status", language), status_words(result.status, language))
    table.add_row(say("proof", language), _proof(result, language))
    table.add_row(say("files", language), str(folder))
    return table


def _figures(problem: Problem, verdict: Verdict, language: Language) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    for what, value in (
        ("seekers", number(len(problem.seekers), language)),
        ("places", number(len(problem.places), language)),
        ("openings", number(int(problem.openings.sum()), language)),
        ("pairs", number(len(problem.candidates), language)),
        ("proposals", number(verdict.placed, language)),
        ("expected placements", _exact(verdict.expected, language, 2)),
        ("wishes", _exact(verdict.wishes, language, 2)),
        ("still needed for the target", number(verdict.need, language)),
        ("expected rate", percent(verdict.rate, language)),
        ("chance of the target", percent(verdict.chance_of_target, language)),
    ):
        table.add_row(say(what, language), value)
    return table


def audit_summary(found: Audit, language: Language) -> RenderableType:
    """What a recount found: every figure, what was not checked, and that the rest holds."""
    verdict = found.verdict
    table = _figures(found.problem, verdict, language)
    if found.condition is not None:
        words = _condition(found.condition, language)
        table.add_row(say("wishes served while", language), words)
    if verdict.bound is not None and verdict.gap is not None:
        table.add_row(say("proven bound", language), _exact(verdict.bound, language, 6))
        table.add_row(say("gap", language), percent(verdict.gap, language, 4))
    if not found.holds:
        return table
    caveats = _caveats(found, language)
    every = "Every rule that was checked holds." if caveats else "Every rule holds."
    colour = "yellow" if caveats else "green"
    lines = [Text(line, "yellow") for line in caveats]
    return Group(table, *lines, Text(say(every, language), colour))


def _condition(condition: Condition, language: Language) -> str:
    if condition.confidence is not None:
        sure = percent(condition.confidence, language)
        return say("the target holds with {confidence}", language, confidence=sure)
    floor = _exact(condition.min_expected or 0.0, language, 2)
    return say("at least {floor} placements are expected", language, floor=floor)


def _caveats(found: Audit, language: Language) -> list[str]:
    """What a reader must know before believing that every rule holds."""
    lines = []
    if found.held_back:
        count = number(found.held_back, language)
        words = "Held back: {count} people; their part of the district has no plan."
        lines.append(say(words, language, count=count))
    if found.gap is not None and not found.proven:
        gap = percent(found.gap, language, 2)
        words = "Not proven within 0.1%: the plan may be {gap} below the most wishes."
        lines.append(say(words, language, gap=gap))
    for checked, what in (
        (found.pins_known, "pins and bans"),
        (found.figures_checked, "the target and the reported figures"),
        (found.proof_checked, "whether the plan is the best"),
    ):
        if not checked:
            lines.append(say("Not checked: {what}", language, what=say(what, language)))
    return lines


def _exact(value: float, language: Language, decimals: int) -> str:
    """A number with so many decimals, or six significant digits where that would show none."""
    if 0 < abs(value) < 0.1:
        return format_scientific(value, format="0.00000E0", locale=language)
    return number(value, language, decimals)


def violation_lines(violations: Sequence[Violation], language: Language) -> str:
    """Every violation on a line of its own: the rule, whom or what it concerns, the facts."""
    lines = [say("Violations: {count}", language, count=number(len(violations), language))]
    for one in violations:
        facts = [fact for fact in (one.seeker, one.place) if fact is not None]
        if one.found is not None:
            facts.append(say("found {value}", language, value=one.found))
        if one.allowed is not None:
            facts.append(say("should be {value}", language, value=one.allowed))
        words = check_words(one.check, language)
        lines.append(f"  [{one.check.value}] {words} {', '.join(facts)}".rstrip())
    return "\n".join(lines)


def fault_lines(faults: Sequence[Fault], title: str, language: Language) -> str:
    """Every fault on a line of its own: where it is, what stands there, which rule it breaks."""
    lines = [title]
    for fault in faults:
        where = [] if fault.file is None else [fault.file]
        if fault.row is not None:
            where.append(say("row {row}", language, row=fault.row))
        if fault.column is not None:
            where.append(say("column {column}", language, column=fault.column))
        if fault.value is not None:
            where.append(f"\u201c{fault.value}\u201d")
        place = f"{', '.join(where)}: " if where else ""
        lines.append(f"  {place}{rule_words(fault, language)} [{fault.rule.value}]")
    return "\n".join(lines)
