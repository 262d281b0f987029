"""What does a terminal show of the store? Deliveries, imports, waiting rows, doubles, runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.intake.likeness import Likeness
from data.store.doubles import Doubtful
from data.store.past_imports import ImportDetail, PastImport
from data.store.plans import PlanLine
from data.store.quarantine import Entry
from data.store.runs import KeptRun, RunLine
from matching.errors import Rule
from office.intake_desk import Delivery
from office.replay import Replay
from office.reports.program import program
from office.reports.terminal import fault_lines
from office.waiting_desk import OpenTitle
from office.words import Language, number, percent, say

#: So many faults of a delivery are shown one by one; the rest are counted.
_MOST_FAULTS = 20

_COUNTS = {
    "rows": "rows",
    "stored": "stored",
    "changed": "changed",
    "unchanged": "unchanged",
    "merged": "merged with a known record",
    "quarantined": "waiting in quarantine",
}

#: What a list of imports shows of the counts, by heading; the rest is what was known already.
_COUNTED = {"rows": "rows", "new": "stored", "changed": "changed", "waited": "quarantined"}

_KINDS = {
    "pupils": "pupils",
    "places": "places",
    "outcomes": "outcomes",
    "contacts": "contacts",
    "fix": "a corrected row",
    "decision": "a decision",
}

_STATUS = {"waiting": "waiting", "fixed": "corrected", "dismissed": "dismissed"}

_PLANS = {"draft": "draft", "active": "in force", "replaced": "replaced"}

_RULINGS = {"same": "one person", "different": "two people"}

_LIKENESS: dict[str, str] = {
    Likeness.SAME: "nothing differs",
    Likeness.ADDRESS_SPELLING: "the address is spelled otherwise",
    Likeness.ADDRESS_INCOMPLETE: "one address is incomplete",
    Likeness.SURNAME_SPELLING: "the surname is spelled otherwise",
    Likeness.DOUBLE_SURNAME: "one surname is part of the other",
    Likeness.BIRTH_DATE_SLIP: "a slip in the birth date",
    Likeness.NAMES_SWAPPED: "surname and first name are swapped",
    Likeness.ADDRESS_MISSING: "an address is missing",
    Likeness.BIRTH_DATE_MISSING: "a birth date is missing",
    Likeness.NAME_MISSING: "a name is missing",
    Likeness.OTHER_ADDRESS: "another address",
    Likeness.FIRST_NAME_SPELLING: "the first name is spelled otherwise",
    Likeness.SEVERAL_FIRST_NAMES: "one has more first names",
    Likeness.OTHER_SURNAME: "another surname",
    Likeness.OTHER_BIRTH_DATE: "another birth date",
    Likeness.AMBIGUOUS: "several people could be meant",
}


def delivery_summary(delivery: Delivery, language: Language) -> Sequence[RenderableType]:
    """What came of a delivery: each row once, then whom it no longer names, then what was wrong."""
    report = delivery.report
    title = "Nothing is written: this is what would come of it" if delivery.dry_run else "Taken in"
    table = Table(box=box.SIMPLE, show_header=False, title=say(title, language))
    table.title_justify = "left"
    for name, words in _COUNTS.items():
        table.add_row(say(words, language), number(getattr(report, name), language))
    if report.gone or delivery.preview is not None:
        table.add_row(say("no longer named", language), number(report.gone, language))
    if report.doubtful:
        shown = number(report.doubtful, language)
        table.add_row(say("pairs that may be one person", language), shown)
    parts: list[RenderableType] = [table]
    if delivery.names:
        parts += _named(delivery, language)
    if delivery.import_id is not None:
        parts.append(say("Import {number}", language, number=delivery.import_id))
    if report.dropped_columns:
        columns = ", ".join(report.dropped_columns)
        parts.append(say("Not read and not kept: {columns}", language, columns=columns))
    for heading in delivery.guessed:
        words = "Guessed: column {heading} is read as {field}"
        field = delivery.mapping[heading]
        parts.append(say(words, language, heading=heading, field=field))
    if delivery.new_school:
        words = "School {school} is new to the store: is the number right?"
        parts.append(say(words, language, school=delivery.school))
    if delivery.faults:
        parts.append(_faults(delivery, language))
    if not delivery.dry_run:
        parts += _next_steps(delivery, language)
    return parts


def _next_steps(delivery: Delivery, language: Language) -> Iterator[str]:
    """What there is to do now, as commands to copy."""
    report = delivery.report
    steps = {
        "Correct the rows that wait:": f"quarantine list --import {delivery.import_id}"
        if report.quarantined
        else None,
        "Say what titles mean:": "places titles list"
        if delivery.kind == "places" and report.quarantined
        else None,
        "Decide who is one person:": "duplicates list" if report.doubtful else None,
    }
    for words, command in steps.items():
        if command is not None:
            yield f"{say(words, language)}\n  {program()} {command}"


def _named(delivery: Delivery, language: Language) -> Iterator[str]:
    """Who would be new, changed or gone; only where somebody asked for names."""
    found, names = delivery.preview, delivery.names
    assert found is not None
    groups: dict[str, Sequence[tuple[str, str]]] = {
        "New:": [(str(row), "") for row in found.new],
        "Changed:": [(one.pseudonym, ", ".join(one.fields)) for one in found.changed],
        "No longer named:": [(pseudonym, "") for pseudonym in found.gone],
    }
    for title, people in groups.items():
        if people:
            lines = (
                names.get(key, key) + (f" ({fields})" if fields else "") for key, fields in people
            )
            yield "\n  ".join((say(title, language), *lines))


def _faults(delivery: Delivery, language: Language) -> str:
    rows = delivery.report.quarantined
    if rows:
        words = "Rows that can't be taken in as they are and wait for a correction: {rows}"
        title = say(words, language, rows=number(rows, language))
    else:
        title = say("Beside the rows:", language)
    lines = fault_lines(delivery.faults[:_MOST_FAULTS], title, language)
    rest = len(delivery.faults) - _MOST_FAULTS
    if rest > 0:
        lines += "\n  " + say("and {rest} more (--json)", language, rest=number(rest, language))
    return lines


def import_table(found: Sequence[PastImport], language: Language) -> RenderableType:
    """The imports, one a line."""
    if not found:
        return say("Nothing has come in yet.", language)
    table = Table(box=box.SIMPLE)
    for heading in ("import", "when", "kind", "school"):
        table.add_column(say(heading, language), no_wrap=True)
    for heading in _COUNTED:
        table.add_column(say(heading, language), justify="right", no_wrap=True)
    table.add_column(say("file", language), overflow="fold", min_width=12)
    table.add_column("")
    for one in found:
        counts = (one.counts.get(name, 0) for name in _COUNTED.values())
        table.add_row(
            str(one.id),
            f"{one.at:%Y-%m-%d %H:%M}",
            say(_KINDS[one.kind], language),
            one.school or "",
            *(number(count, language) for count in counts),
            ", ".join(Path(file).name for file in one.file.split(", ")),
            "" if one.undone_at is None else say("taken back", language),
        )
    return table


def import_detail(found: ImportDetail, language: Language) -> RenderableType:
    """One import: who handed in what, how it was read, what came of it."""
    taken = found.taken
    headings = ", ".join(f"{told} = {field}" for told, field in taken.mapping.items())
    table = Table(box=box.SIMPLE, show_header=False)
    rows: list[tuple[str, str]] = [
        ("import", str(taken.id)),
        ("when", f"{taken.at:%Y-%m-%d %H:%M}"),
        ("by", taken.by),
        ("kind", say(_KINDS[taken.kind], language)),
        ("season", taken.season or "-"),
        ("school", taken.school or "-"),
        ("file", taken.file),
        *((words, number(taken.counts.get(name, 0), language)) for name, words in _COUNTS.items()),
        ("no longer named", number(taken.counts.get("gone", 0), language)),
        ("waiting now", number(found.waiting, language)),
        ("columns", headings or "-"),
        ("not read and not kept", ", ".join(taken.dropped_columns) or "-"),
    ]
    if taken.undone_at is not None:
        rows.append(("taken back", f"{taken.undone_at:%Y-%m-%d %H:%M} {taken.undone_by}"))
    for what, value in rows:
        table.add_row(say(what, language), Text(value))
    return table


def quarantine_lines(rows: Sequence[Entry], language: Language, with_cells: bool) -> RenderableType:
    """The rows that wait, each with its faults; what they say only where that was asked for."""
    if not rows:
        return say("No row waits.", language)
    parts = []
    for one in rows:
        title = (
            f"{one.id}  [{say(_STATUS[one.status], language)}]  {say(_KINDS[one.kind], language)}"
        )
        parts.append(fault_lines(one.faults, title, language))
        if not one.cells:
            text = "None of its cells was kept: give all of its fields to correct it."
            parts.append("  " + say(text, language))
        elif any(fault.rule is Rule.COLUMN_COUNT for fault in one.faults):
            parts.append("  " + say("Of its cells only these were kept: {fields}.", language,
                                    fields=", ".join(one.cells)))  # fmt: skip
        if with_cells and one.cells:
            parts.append("  " + "; ".join(f"{name}={text}" for name, text in one.cells.items()))
    return "\n".join(parts)


def title_tables(
    asked: Sequence[OpenTitle], confirmed: Mapping[str, str], language: Language
) -> RenderableType:
    """The titles to decide on with the nearest codes, and those decided on."""
    parts: list[RenderableType] = []
    if not asked:
        parts.append(say("No title waits for a decision.", language))
    for one in asked:
        rows = say("rows: {rows}", language, rows=number(one.rows, language))
        near = (f"  {code}  {title}" for code, title in one.suggestions.items())
        title = say("“{title}” ({rows})", language, title=one.title, rows=rows)
        parts.append("\n".join((title, *near)))
    if confirmed:
        table = Table(box=box.SIMPLE, title=say("Confirmed titles", language))
        table.add_column(say("title", language), overflow="fold")
        table.add_column("KldB 2010")
        for title, code in confirmed.items():
            table.add_row(Text(title), code)
        parts.append(table)
    return Group(*(Text(part) if isinstance(part, str) else part for part in parts))


def duplicate_table(pairs: Sequence[Doubtful], language: Language) -> RenderableType:
    """The pairs that may be one person, by pseudonym."""
    if not pairs:
        return say("No pair waits for a decision.", language)
    table = Table(box=box.SIMPLE)
    for heading in ("one", "other", "bits", "what differs most", "decision"):
        table.add_column(say(heading, language), overflow="fold")
    for pair in pairs:
        decision = "" if pair.decision is None else say(_RULINGS[pair.decision], language)
        why = _LIKENESS.get(pair.rule)
        table.add_row(
            pair.one,
            pair.other,
            f"{pair.score:.0f}",
            say(why, language) if why else pair.rule,
            decision,
        )
    return table


def run_table(
    found: Sequence[RunLine], plans: Sequence[PlanLine], language: Language
) -> RenderableType:
    """The runs, one a line, each with its plans."""
    if not found:
        return say("No run is kept yet.", language)
    table = Table(box=box.SIMPLE)
    for heading in ("run", "when", "season", "by"):
        table.add_column(say(heading, language), no_wrap=True)
    for heading in ("proposals", "expected placements", "chance of the target"):
        table.add_column(say(heading, language), justify="right")
    table.add_column(say("plan", language), no_wrap=True)
    for one in found:
        mine = (plan for plan in plans if plan.run == one.id)
        table.add_row(
            str(one.id),
            f"{one.at:%Y-%m-%d %H:%M}",
            one.season,
            one.by,
            number(one.result["proposals"], language),
            number(one.result["expected"], language, 1),
            percent(one.result["chance_with_model_error"], language),
            ", ".join(f"{plan.id} ({say(_PLANS[plan.status], language)})" for plan in mine),
        )
    return table


def run_detail(kept: KeptRun, language: Language) -> RenderableType:
    """One run: what went in, and what it came to."""
    run = kept.run
    table = Table(box=box.SIMPLE, show_header=False)
    rows: list[tuple[str, str]] = [
        ("run", str(kept.id)),
        ("when", f"{kept.at:%Y-%m-%d %H:%M}"),
        ("by", kept.by),
        ("season", run.season),
        ("seekers", number(len(run.problem.seekers), language)),
        ("places", number(len(run.problem.places), language)),
        ("pairs", number(len(run.problem.candidates), language)),
        ("proposals", number(run.result["proposals"], language)),
        ("expected placements", number(run.result["expected"], language, 2)),
        ("chance of the target", percent(run.result["chance_with_model_error"], language)),
        ("solver", run.solver),
        ("fingerprint", kept.fingerprint),
        ("people and places as they went in (SHA-256)", kept.data_hash),
        ("chance model (SHA-256)", run.model_hash),
        ("versions", ", ".join(f"{name} {told}" for name, told in run.versions.items())),
        ("the log vouches for it", say("yes" if kept.witnessed else "no", language)),
    ]
    for what, value in rows:
        table.add_row(say(what, language), Text(value))
    return table


def replay_lines(found: Replay, language: Language) -> RenderableType:
    """Whether a run came out the same, and else what did not."""
    lines = []
    if found.same:
        words = "The same plan came out, proposal by proposal: {rows} of {rows}."
        lines.append(say(words, language, rows=number(found.rows, language)))
    else:
        lines.append(say("This is not what was kept:", language))
    if not found.witnessed:
        words = "The log does not vouch for: {parts}"
        lines.append("  " + say(words, language, parts=", ".join(found.unvouched)))
    for one in found.differences:
        words = "{what}: kept {kept}, found {found}"
        facts = {"what": one.what, "kept": one.kept, "found": one.found}
        lines.append("  " + say(words, language, **facts))
    if found.versions:
        told = ", ".join(f"{one.what} {one.kept} -> {one.found}" for one in found.versions)
        lines.append(say("Versions that changed since: {versions}", language, versions=told))
    return "\n".join(lines)
