"""What does the committee reckon with? The report's figures as a workbook, a sheet a table."""

from __future__ import annotations

from office.committee import Committee
from office.definitions import DEFINED
from office.groups import Group
from office.reports.committee_words import (
    MUNICIPALITIES,
    SCHOOLS,
    WISHES,
    GroupWords,
    answer,
    begun,
    few,
    group_words,
    share_words,
    told_reason_words,
)
from office.reports.workbook import Cell, Sheet, SheetColumn, workbook
from office.words import Language, day, percent, say


def committee_xlsx(told: Committee, language: Language) -> bytes:
    """The report as XLSX: the target, the definitions, who has no proposal, each kind of group."""
    title = say("Training places: report for the committee", language)
    sheets = (
        _target(told, language),
        _rates(told, language),
        _without(told, language),
        _groups(told.municipalities, MUNICIPALITIES, told, language),
        _groups(told.schools, SCHOOLS, told, language),
        _groups(told.wishes, WISHES, told, language),
    )
    return workbook(sheets, title, told.office, told.on)


def _notes(told: Committee, language: Language) -> tuple[str, ...]:
    facts = {"district": told.district, "season": told.season, "day": day(told.on, language)}
    lines = [say("{district} · season {season} · {day}", language, **facts)]
    if told.plan.invented:
        words = "No person, firm or school here exists; only places and occupations are real."
        lines.append(f"{say('Invented sample.', language)} {say(words, language)}")
    lines.append(
        say("Counts of fewer than five people are kept back, and what would tell them.", language)
    )
    return tuple(lines)


def _target(told: Committee, language: Language) -> Sheet:
    plan, outlook = told.plan, told.outlook
    said = answer(told, language)
    rows: list[tuple[Cell, Cell]] = [
        (begun(say("counted", language)), plan.base),
        (say("Wanted ({share})", language, share=share_words(told, language)), plan.wanted),
        (begun(say("placed so far", language)), _kept(told.placed, language)),
        (begun(say("expected from the plan", language)), round(plan.expected, 1)),
    ]
    if told.placed is not None:
        within = percent(outlook.within, language, 0)
        rows += [
            (say("At least, with {within} certainty", language, within=within), outlook.low),
            (say("At most, with {within} certainty", language, within=within), outlook.high),
        ]
    chances: list[tuple[Cell, Cell]] = [
        (begun(say("chance of the target", language)), percent(plan.honest, language)),
        (
            say("Chance of the target if every estimate is exact", language),
            percent(plan.chance, language),
        ),
    ]
    columns = (
        SheetColumn(begun(say("what", language))),
        SheetColumn(begun(say("people", language)), "count"),
    )
    notes = (*_notes(told, language), f"{said.lead} {said.words}")
    return Sheet(
        say("Target", language),
        say("Will we make it?", language),
        columns,
        (*rows, *chances),
        notes,
    )


def _rates(told: Committee, language: Language) -> Sheet:
    counts = ("counted", "placed so far", "own finds", "unknown", "still needed")
    columns = (
        SheetColumn(begun(say("definition", language))),
        *(SheetColumn(begun(say(heading, language)), "count") for heading in counts),
        SheetColumn(begun(say("expected rate", language)), "percent"),
        SheetColumn(begun(say("chance of the target", language)), "percent"),
    )
    untold = say("not told", language)
    rows: list[tuple[Cell, ...]] = []
    for rate in told.rates:
        name = say(DEFINED[rate.definition][0], language)
        if not rate.shown:
            rows.append((name, *([untold] * 7)))
            continue
        counted = (rate.placed, rate.own_finds, rate.unknown)
        rows.append(
            (
                name,
                rate.base,
                *(_kept(count, language) for count in counted),
                untold if rate.need is None else rate.need,
                untold if rate.rate is None else rate.rate,
                rate.chance,
            )
        )
    title = say("The rate under each definition", language)
    return Sheet(say("Definitions", language), title, columns, rows, _notes(told, language))


def _without(told: Committee, language: Language) -> Sheet:
    columns = (
        SheetColumn(begun(say("reason", language))),
        SheetColumn(begun(say("people", language)), "count"),
    )
    rows = [(told_reason_words(one, language), one.count) for one in told.without]
    title = say("Who has no proposal, and why", language)
    return Sheet(say("No proposal", language), title, columns, rows, _notes(told, language))


def _groups(
    groups: tuple[Group, ...], words: GroupWords, told: Committee, language: Language
) -> Sheet:
    columns = (
        SheetColumn(begun(say(words.heading, language))),
        SheetColumn(begun(say("counted", language)), "count"),
        SheetColumn(begun(say("placed so far", language)), "count"),
        SheetColumn(begun(say("expected besides", language)), "tenths"),
        SheetColumn(begun(say("expected rate", language)), "percent"),
    )
    untold = say("not told", language)
    rows = [
        (
            group_words(group, language, words),
            group.people,
            untold if group.placed is None else group.placed,
            round(group.expected, 1),
            untold if group.rate_in_the_end is None else group.rate_in_the_end,
        )
        for group in groups
    ]
    name = begun(say(words.heading, language))
    return Sheet(name, say(words.title, language), columns, rows, _notes(told, language))


def _kept(count: int | None, language: Language) -> Cell:
    return few(language) if count is None else count
