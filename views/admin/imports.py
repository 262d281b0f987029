"""What has come in, from everybody? Imports and how they are taken back; rows that wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from matching.errors import Fault, FaultyInput, Rule
from office.intake_desk import FILES, ImportDetail, PastImport, Undoing
from office.words import Language, number, rule_words
from office.words.keeping import (
    KINDS,
    field_words,
    kind_words,
    moment_in_short,
    record_words,
)
from office.words.school import moment_words
from views.admin.here import (
    EACH,
    Here,
    choice,
    go,
    here,
    number_asked,
    offset,
    pager,
    said_now,
    say_later,
    section,
    sure,
    why_not,
)
from views.admin.waiting_rows import school_words, waiting_rows
from views.parts import heading, page_help, plain
from views.tables import Column, begun, counts, long_table, table

_SECTIONS = {"imports": "Imports", "waiting": "Rows that wait"}

#: In the choice of kinds: typed answers and corrections, too.
_ALL = "all"

_COUNTS: Mapping[str, str] = {
    "stored": "New",
    "changed": "Changed",
    "gone": "No longer named",
    "unchanged": "As before",
    "merged": "Joined",
    "quarantined": "Waiting for a correction",
}


def page() -> None:
    """The whole page: one import that is open, else all of them, or the rows that wait."""
    at = here()
    st.title(at.say("Imports"), anchor=False)
    said_now()
    asked = number_asked("import")
    if asked is not None:
        _one(at, asked)
    elif section(at, "part", _SECTIONS) == "waiting":
        waiting_rows(at)
    else:
        _all(at)
    page_help(
        at.say(
            "An **import** is what one delivery of files brought in. It can be taken back as long "
            "as nobody built on it: then everything is as it was before, and only the import "
            "itself, its number and the log stay."
        ),
        at.say(
            "Rows that could not be taken in as they were **wait** until the school corrects them "
            "or leaves them out; none is ever dropped. What they say may be looked at for a "
            "purpose only, one by one, and each look is logged."
        ),
        at.say(
            "**Doubles** are records that may be one person. Counselors decide about them, since "
            "they know the people; here you see only how many there are."
        ),
    )


# All of them -------------------------------------------------------------------------------------


def _all(at: Here) -> None:
    known = at.desk.imported_by(by=at.by)
    left, middle, right = st.columns(3)
    with left:
        season = choice(
            at.say("Season"), "season", known.seasons, lambda one: one, at.say("all seasons")
        )
    with middle:
        school = choice(
            at.say("School"),
            "school",
            tuple(known.schools),
            lambda one: school_words(one, known.schools),
            at.say("all schools"),
        )
    with right:
        kind = choice(
            at.say("Kind"),
            "kind",
            (_ALL, *KINDS),
            lambda one: at.say("all kinds") if one == _ALL else begun(kind_words(one, at.reader)),
            at.say("Lists and files"),
        )
    wanted = None if kind == _ALL else kind or FILES
    start = offset(at.desk.import_page(at.by, season, school, wanted, limit=1).total)
    found = at.desk.import_page(at.by, season, school, wanted, start, EACH)
    if not found.total:
        words = (
            "Nothing like that has come in."
            if season or school or at.desk.import_page(at.by, limit=1).total
            else "Nothing has come in yet. Schools hand their lists in on their own pages; give "
            "them accounts on the page “Users”."
        )
        st.info(at.say(words))
        return
    _import_table(at, found.imports, found.waiting, known.schools)
    pager(at, found.total)
    _open(at, [one.id for one in found.imports])


def _import_table(
    at: Here,
    found: tuple[PastImport, ...],
    waiting: Mapping[int, int],
    schools: Mapping[str, str | None],
) -> None:
    rows = []
    for one in found:
        back = at.say("taken back") if one.undone_at is not None else at.say("counts")
        new, changed = one.counts.get("stored", 0), one.counts.get("changed", 0)
        school = None if one.school is None else school_words(one.school, schools)
        who = (moment_in_short(one.at, at.reader), one.by, begun(kind_words(one.what, at.reader)))
        rows.append((str(one.id), *who, school, new, changed, waiting.get(one.id, 0), back))
    headings = ("no.", "taken in", "by", "what it was", "school")
    figures = ("new", "changed", "rows waiting")
    table(
        [
            *(Column(at.say(words)) for words in headings),
            *(Column(at.say(words), counts(at.reader)) for words in figures),
            Column(at.say("state")),
        ],
        rows,
        at.say("Imports, newest first"),
        at.reader,
    )


def _open(at: Here, numbers: list[int]) -> None:
    chosen = st.selectbox(
        at.say("Look at an import, or take it back"),
        numbers,
        index=None,
        placeholder=at.say("Choose an import"),
        format_func=lambda one: at.say("Import {id}", id=one),
        key="chosen_import",
    )
    if chosen is not None:
        go(**{"import": str(chosen)})


# One import --------------------------------------------------------------------------------------


def _one(at: Here, asked: int) -> None:
    try:
        detail = at.desk.show_import(asked, by=at.by)
        faults = at.desk.faults_of_import(asked, by=at.by)
    except FaultyInput as refusal:
        st.error(why_not(refusal, at.reader))
        _back(at)
        return
    taken = detail.taken
    heading("Import {id}", at.reader, id=taken.id)
    facts = {
        "what": begun(kind_words(taken.what, at.reader)),
        "when": moment_words(taken.at, at.reader),
        "who": plain(taken.by),
        "file": plain(taken.file),
    }
    lines = ["{what}, taken in on {when} by {who}."]
    if "." in taken.file:
        lines.append("File: {file}")
    if taken.school:
        lines.append("School: {school}")
    if taken.season:
        lines.append("Season: {season}")
    where = {"school": plain(taken.school or ""), "season": plain(taken.season or "")}
    st.markdown("\n".join(f"- {at.say(line, **facts, **where)}" for line in lines))
    _figures(at, detail)
    _columns(at, taken)
    _faults(at, faults)
    if taken.undone_at is None:
        _take_back(at, taken.id)
    else:
        words = "Taken back on {when} by {who}: all is as it was before."
        who, when = plain(taken.undone_by or ""), moment_words(taken.undone_at, at.reader)
        st.info(at.say(words, when=when, who=who))
    _back(at)


def _figures(at: Here, detail: ImportDetail) -> None:
    with st.container(horizontal=True):
        for name, label in _COUNTS.items():
            count = detail.taken.counts.get(name, 0)
            if count or name in {"stored", "changed", "quarantined"}:
                st.metric(at.say(label), number(count, at.reader), border=True)
        if detail.waiting != detail.taken.counts.get("quarantined", 0):
            st.metric(at.say("Still waiting"), number(detail.waiting, at.reader), border=True)


def _columns(at: Here, taken: PastImport) -> None:
    if taken.dropped_columns:
        names = ", ".join(f"**{plain(name)}**" for name in taken.dropped_columns)
        st.markdown(at.say("These columns are dropped and never saved: {names}.", names=names))
    with st.expander(at.say("How it was read")):
        if taken.sha256:
            st.markdown(
                at.say("What tells the file from any other (SHA-256): `{hash}`", hash=taken.sha256)
            )
        table(
            [Column(at.say("heading in the file")), Column(at.say("read as"))],
            [
                (heading_read, begun(field_words(field, at.reader)))
                for heading_read, field in sorted(taken.mapping.items())
            ],
            at.say("How it was read"),
            at.reader,
            narrow=True,
        )


def _faults(at: Here, faults: Mapping[tuple[Rule, str | None], int]) -> None:
    if not faults:
        return
    heading("Why rows waited", at.reader)
    long_table(
        [
            Column(at.say("what is wrong")),
            Column(at.say("column")),
            Column(at.say("rows"), counts(at.reader)),
        ],
        [
            (
                rule_words(Fault(rule, file="", column=column), at.reader),
                None if column is None else begun(field_words(column, at.reader)),
                count,
            )
            for (rule, column), count in faults.items()
        ],
        at.say("Why rows waited"),
        at.reader,
        key="faults_of_import",
    )


def _take_back(at: Here, import_id: int) -> None:
    asking = st.session_state.get("asking_take_back")
    told = at.desk.undoing(import_id, by=at.by) if asking else Undoing({}, {}, ())
    if told.faults:
        del st.session_state["asking_take_back"]
        st.error(_stands_against(told.faults, at))
        return
    if not sure(
        at,
        "take_back",
        at.say("Take this import back"),
        _would_do(told, at),
        at.say("Yes, take it back"),
    ):
        return
    try:
        undone = at.desk.undo_import(import_id, by=at.by)
    except FaultyInput as refusal:
        say_later(_stands_against(refusal.faults, at), "error")
    else:
        words = "Taken back. Records removed: {removed}; as they were before: {restored}."
        facts = {"removed": undone.removed, "restored": undone.restored}
        told_words = {name: number(value, at.reader) for name, value in facts.items()}
        say_later(at.say(words, **told_words))
    st.rerun()


def _would_do(told: Undoing, at: Here) -> str:
    parts = [at.say("Take it back?")]
    if told.removes:
        words = "It removes what it brought in: {what}."
        parts.append(at.say(words, what=_listed(told.removes, at.reader)))
    if told.restores:
        words = "It sets back what it changed: {what}."
        parts.append(at.say(words, what=_listed(told.restores, at.reader)))
    if not told.removes and not told.restores:
        parts.append(at.say("It changed nothing, so that nothing else changes."))
    parts.append(at.say("The import itself stays on record."))
    return " ".join(parts)


def _listed(counted: Mapping[str, int], reader: Language) -> str:
    return ", ".join(
        f"{record_words(record, reader)}: {number(count, reader)}"
        for record, count in counted.items()
    )


def _stands_against(faults: tuple[Fault, ...], at: Here) -> str:
    rules = {fault.rule for fault in faults}
    if Rule.UNDO_EXPIRED in rules:
        return at.say("It is too late: what was there before is deleted already.")
    if Rule.UNDONE_ALREADY in rules:
        return at.say("It was taken back already.")
    later = sorted({int(one.value or 0) for one in faults if one.column == "import"})
    files = sorted({one.file for one in faults if one.file and one.column != "import"})
    built = Counter(one.column or "" for one in faults if one.column != "import")
    words = [
        at.say("It can’t be taken back: somebody has built on it since."),
        at.say("Changed or used since: {what}.", what=_listed(built, at.reader)) if built else "",
    ]
    if later:
        names = ", ".join(at.say("Import {id}", id=one) for one in later)
        words.append(at.say("Take back first: {imports}.", imports=names))
    if files:
        names = ", ".join(map(plain, files[:5]))
        words.append(at.say("Changed by later files: {files}.", files=names))
    words.append(at.say("A corrected list always works: it changes what is wrong."))
    return " ".join(filter(None, words))


def _back(at: Here) -> None:
    if st.button(at.say("Back to all imports"), key="back"):
        st.session_state.pop("chosen_import", None)
        st.session_state.pop("asking_take_back", None)
        go(**{"import": None})


page()
