"""What does the committee read? Will we make it, how sure is that, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from office.committee import Committee
from office.definitions import DEFINED
from office.glance import Glance
from office.groups import Group
from office.reports.committee_words import (
    MUNICIPALITIES,
    SCHOOLS,
    WISHES,
    GroupWords,
    answer,
    begun,
    count_words,
    few,
    group_words,
    share_words,
    split_words,
    told_reason_words,
)
from office.reports.paper import (
    Bar,
    Block,
    Box,
    Column,
    Columns,
    Figures,
    Gauge,
    Heading,
    Paper,
    Points,
    Table,
    Text,
    pdf,
    pictures,
)
from office.words import Language, day, number, percent, reason_words, say, status_words


def committee_pdf(told: Committee, language: Language) -> bytes:
    """The report as a tagged PDF."""
    return pdf(committee_paper(told, language))


def committee_pictures(told: Committee, language: Language) -> tuple[bytes, ...]:
    """The report's pages as PNG."""
    return pictures(committee_paper(told, language))


def committee_paper(told: Committee, language: Language) -> Paper:
    """The report as blocks."""
    title = say("One in three: report for the committee", language)
    if (told.plan.share.numerator, told.plan.share.denominator) != (1, 3):
        title = say("Training places: report for the committee", language)
    subtitle = say(
        "{district} · season {season} · {day}",
        language,
        district=told.district,
        season=told.season,
        day=day(told.on, language),
    )
    blocks: list[Block] = []
    if told.plan.invented:
        words = "No person, firm or school here exists; only places and occupations are real."
        blocks.append(Box(say(words, language), say("Invented sample.", language)))
    blocks += _answer(told, language)
    blocks += _outlook(told, language)
    blocks += _rates(told, language)
    blocks += _obstacles(told, language)
    blocks += _groups(told, language)
    blocks += _made(told, language)
    return Paper(title, language, told.on, told.office, told.office, tuple(blocks),
                 subtitle=subtitle)  # fmt: skip


def _answer(told: Committee, language: Language) -> Iterator[Block]:
    plan = told.plan
    said = answer(told, language)
    yield Box(said.words, said.lead, cast(Literal["good", "warning", "bad"], said.tone))
    yield Figures(
        (
            (
                count_words(told.placed, language),
                begun(say("placed so far", language)),
            ),
            (number(plan.expected, language), begun(say("expected from the plan", language))),
            (
                number(plan.wanted, language),
                say("Wanted ({share})", language, share=share_words(told, language)),
            ),
            (percent(plan.honest, language), begun(say("chance of the target", language))),
        )
    )


def _outlook(told: Committee, language: Language) -> Iterator[Block]:
    plan, outlook = told.plan, told.outlook
    if told.placed is None:
        # Every end of the drawings would tell how many are placed.
        return
    whole = max(plan.base, plan.placed + plan.expected, outlook.high, 1)
    counted = [
        (plan.placed, begun(say("placed so far", language))),
        (plan.expected, begun(say("expected from the plan", language))),
        (whole - plan.placed - plan.expected, begun(say("not yet placed", language))),
    ]
    facts = {
        "wanted": number(plan.wanted, language),
        "share": share_words(told, language),
        "low": number(outlook.low, language),
        "high": number(outlook.high, language),
        "within": percent(outlook.within, language, 0),
        "base": number(plan.base, language),
        "placed": number(plan.placed, language),
        "expected": number(plan.expected, language),
        "chance": percent(outlook.chance, language),
    }
    line = begun(say("target: {wanted} ({share})", language, **facts))
    yield Heading(say("Where the season may end", language))
    yield Gauge(
        tuple((count / whole, f"{words}: {number(count, language)}") for count, words in counted),
        min(1.0, plan.wanted / whole),
        line,
        (outlook.low / whole, min(1.0, outlook.high / whole)),
        say("{low} to {high} with {within} certainty", language, **facts),
        say(
            "Bar of {base} people: {placed} placed so far, {expected} more expected; with {within} "
            "certainty {low} to {high} in the end. The target lies at {wanted}.",
            language,
            **facts,
        ),
    )
    if outlook.stretches:
        yield _distribution(told, line, facts, language)


def _distribution(told: Committee, line: str, facts: dict[str, str], language: Language) -> Columns:
    stretches = told.outlook.stretches
    tallest = max(one.chance for one in stretches) or 1.0
    first = next((n for n, one in enumerate(stretches) if one.low >= told.outlook.wanted),
                 len(stretches))  # fmt: skip
    every = max(1, len(stretches) // 8)
    return Columns(
        tuple(one.chance / tallest for one in stretches),
        first,
        line,
        tuple(
            (n, number(one.low, language))
            for n, one in enumerate(stretches)
            if (n - first) % every == 0
        ),
        say("People placed in the end; the taller a bar, the likelier", language),
        say(
            "Distribution of the people placed in the end: with {within} certainty {low} to "
            "{high}; {chance} of it lies at the target of {wanted} or above.",
            language,
            **facts,
        ),
    )


def _rates(told: Committee, language: Language) -> Iterator[Block]:
    yield Heading(say("The rate under each definition", language))
    words = (
        "A rate says nothing without who is counted. This is the same plan, counted in four "
        "ways. Own finds are among those placed; unknown whereabouts never count as not placed."
    )
    yield Text(say(words, language))
    headings = ("counted", "placed so far", "own finds", "unknown", "still needed",
                "expected rate", "chance of the target")  # fmt: skip
    rows = []
    for rate in told.rates:
        name = say(DEFINED[rate.definition][0], language)
        if not rate.shown:
            rows.append((name, *([say("not told", language)] * len(headings))))
            continue
        rows.append(
            (
                name,
                number(rate.base, language),
                count_words(rate.placed, language),
                count_words(rate.own_finds, language),
                count_words(rate.unknown, language),
                say("not told", language) if rate.need is None else number(rate.need, language),
                say("not told", language) if rate.rate is None else percent(rate.rate, language),
                percent(rate.chance, language),
            )
        )
    yield Table(
        (
            Column(begun(say("definition", language)), width=2.3),
            *(Column(begun(say(heading, language)), "right", 1) for heading in headings),
        ),
        tuple(rows),
    )
    for _, (name, base, placed) in DEFINED.items():
        line = "{base}; placed: {placed}."
        words = say(line, language, base=say(base, language), placed=say(placed, language))
        yield Text(begun(words), f"{say(name, language)}:", small=True)


def _obstacles(told: Committee, language: Language) -> Iterator[Block]:
    yield Heading(say("What stands in the way", language))
    points = [*_shortfall(told.plan, language), *_left(told, language)]
    yield Points(tuple(("", point) for point in points))
    if told.without:
        words = (
            "Who has no proposal is told as of the day on which the plan was drawn, openings as "
            "of today."
        )
        yield Text(say(words, language), small=True)
    if told.plan.helpful:
        yield Text(say("One opening more would help most here:", language))
        yield _helpful(told.plan, language)


def _shortfall(plan: Glance, language: Language) -> Iterator[str]:
    short = plan.shortfall
    if short is None:
        words = "Nothing endangers the target: it holds with more than the {confidence} wanted."
        yield say(words, language, confidence=percent(plan.confidence, language, 0))
        return
    yield say(
        "About {missing} expected placements are missing for a chance of {confidence}.",
        language,
        missing=number(short.missing, language),
        confidence=percent(short.confidence, language, 0),
    )
    yield say(
        "If everybody had their best place to themselves, {alone} placements would be "
        "expected. Many want the same places: that costs {competition}.",
        language,
        alone=number(short.alone, language),
        competition=number(short.competition, language),
    )


def _left(told: Committee, language: Language) -> Iterator[str]:
    """People without a proposal and openings that stay empty, each with the reason."""
    for one in told.without:
        yield say(
            "{people} people have no proposal. {reason}.",
            language,
            people=number(one.count, language),
            reason=told_reason_words(one, language),
        )
    for reason in told.plan.empty_reasons:
        yield say(
            "{openings} openings stay empty. {reason}.",
            language,
            openings=number(reason.count, language),
            reason=reason_words(reason.reason, language),
        )


def _helpful(plan: Glance, language: Language) -> Table:
    """Where one opening more would help most."""
    return Table(
        (
            Column(begun(say("occupation", language)), width=2),
            Column(begun(say("municipality", language)), width=1),
            Column(begun(say("more expected placements, up to", language)), "right"),
        ),
        tuple(
            (
                one.occupation or "\N{EN DASH}",
                one.municipality or "\N{EN DASH}",
                f"+{number(one.adds, language, 2)}",
            )
            for one in plan.helpful
        ),
    )


def _groups(told: Committee, language: Language) -> Iterator[Block]:
    kinds = (
        (MUNICIPALITIES, told.municipalities),
        (SCHOOLS, told.schools),
        (WISHES, told.wishes),
    )
    for number_of, (words, groups) in enumerate(kinds):
        yield Heading(say(words.title, language))
        if number_of == 0:
            yield Text(
                say(
                    "Of all who are counted: how many are placed, and what the plan leads to "
                    "expect besides. The red line is {share}. In small groups chance alone moves "
                    "the rate. "
                    "Counts of fewer than five people, and those from which such a count could be "
                    "worked out, are not told (\u201c{few}\u201d, \u201c{untold}\u201d, or groups "
                    "told together).",
                    language,
                    share=share_words(told, language),
                    few=few(language),
                    untold=say("not told", language),
                ),
                small=True,
            )
        if groups:
            yield _group_table(groups, words, told, language)
        else:
            yield Text(say("Fewer than five people in all: nothing is told.", language))


def _group_table(
    groups: tuple[Group, ...], words: GroupWords, told: Committee, language: Language
) -> Table:
    mark = float(told.plan.share)
    return Table(
        (
            Column(begun(say(words.heading, language)), width=3),
            Column(begun(say("counted", language)), "right"),
            Column(begun(say("placed so far", language)), "right"),
            Column(begun(say("expected besides", language)), "right"),
            Column(begun(say("expected rate", language)), width=1.3),
        ),
        tuple(
            (
                group_words(group, language, words),
                number(group.people, language),
                split_words(group, language),
                number(group.expected, language, 1),
                _rate_of(group, mark, language),
            )
            for group in groups
        ),
    )


def _rate_of(group: Group, mark: float, language: Language) -> Bar | str:
    rate = group.rate_in_the_end
    return say("not told", language) if rate is None else Bar(rate, percent(rate, language), mark)


def _made(told: Committee, language: Language) -> Iterator[Block]:
    proof = told.plan.proof
    yield Heading(say("How this came about", language))
    yield Text(
        say(
            "An AI system estimates how likely each proposal ends in a training contract, and "
            "draws a plan: first the target, then people's wishes. It decides about nobody: each "
            "proposal takes a named counselor. The plan is {status}, by prices that anybody can "
            "recount; {pairs} possible pairs were compared. Fingerprint of what was given: "
            "{fingerprint}.",
            language,
            status=status_words(proof.status, language),
            pairs=number(proof.pairs, language),
            fingerprint=proof.fingerprint[:16],
        )
    )
    yield Text(
        say(
            "The chance of the target allows for all estimates being off together. If every one "
            "were exact, it would be {chance}.",
            language,
            chance=percent(told.plan.chance, language),
        )
    )
    yield Text(say(told.plan.attribution, language), small=True)
