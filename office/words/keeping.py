"""How is the house's upkeep said? Entries of the log, kinds of files and records, terms, sizes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from babel.dates import format_date

from data.store.cases import Scores
from data.store.export import Purpose
from data.store.finding import Reason
from data.store.retention import Term
from office.access import Role
from office.words import Language, number, say, school

_ROLES: Mapping[Role, str] = {
    Role.SCHOOL: "School",
    Role.COUNSELOR: "Counseling",
    Role.PLANNER: "Planning",
    Role.ADMIN: "Administration",
}

#: What the log calls an action, or the beginning of several.
_ACTIONS: Mapping[str, str] = {
    "audit": "log",
    "audit.export": "log: taken away as CSV",
    "audit.prune": "log: old entries taken off",
    "basis": "legal basis",
    "basis.withdraw": "legal basis withdrawn",
    "case": "case",
    "case.agree": "case: agreement that firms are told the name",
    "case.contact_again": "case: day to ask again",
    "case.give_back": "case given back",
    "case.hand_over": "cases handed over",
    "case.take": "case taken",
    "contact": "contact",
    "contact.record": "contact recorded",
    "counselor": "counselor",
    "counselor.scores": "when chances are shown: own choice",
    "decision": "ruling",
    "decision.ban": "ruling: pair ruled out",
    "decision.lift": "ruling lifted",
    "decision.pin": "ruling: pair pinned",
    "duplicate": "duplicate",
    "duplicate.different": "duplicate: two people",
    "duplicate.same": "duplicate: one person",
    "export": "export",
    "export.names": "export with names",
    "export.people": "export without names",
    "import": "files taken in",
    "import.contacts": "import: contacts",
    "import.decision": "import: a counselor’s decision",
    "import.fix": "import: a corrected row",
    "import.outcomes": "import: outcomes",
    "import.places": "import: places",
    "import.pupils": "import: pupils",
    "import.undo": "import taken back",
    "letter": "letter",
    "letter.write": "letter written",
    "list": "list for a firm",
    "list.write": "list for a firm written",
    "mapping": "columns",
    "mapping.remember": "columns: reading remembered",
    "model": "chances",
    "model.activate": "chances: a model put in force",
    "model.add": "chances: a model taken in",
    "model.manual_off": "chances switched on again",
    "model.manual_on": "chances switched off",
    "model.scorecard": "chances: the scorecard put in force",
    "office": "office",
    "office.sender": "office: how it signs",
    "office.switch": "office: a switch set",
    "person": "person",
    "person.find": "person looked up to be deleted",
    "person.forget": "person deleted",
    "person.judge": "person: own judgement of a place",
    "person.object": "person: objection to being matched",
    "person.object_no_longer": "person: objection taken back",
    "person.report": "person: report of all that is held",
    "plan": "plan",
    "plan.activate": "plan put in force",
    "plan.publish": "plan kept",
    "preview": "preview",
    "preview.names": "preview with names",
    "proposal": "proposal",
    "proposal.move": "proposal moved on",
    "quarantine": "waiting row",
    "quarantine.dismiss": "waiting row left out",
    "quarantine.read": "waiting row read",
    "retention": "terms",
    "retention.run": "deleted what was beyond its term",
    "roll": "list of pupils",
    "roll.read": "list of pupils looked at",
    "run": "run",
    "run.keep": "run kept",
    "schools": "schools",
    "schools.name": "schools named",
    "session": "sign-in",
    "session.begin": "signed in",
    "session.end": "signed out",
    "show": "shown",
    "show.names": "names shown",
    "store": "backup",
    "store.copy": "backup made",
    "title": "title of an occupation",
    "title.confirm": "title of an occupation confirmed",
    "title.forget": "title of an occupation forgotten",
    "user": "account",
    "user.add": "account added",
    "user.change": "account changed",
    "user.lock": "account shut after too many tries",
    "user.unlock": "account opened again",
}

#: What the log's subjects begin with.
_THINGS: Mapping[str, str] = {
    "audit": "log up to {which}",
    "class": "class {which}",
    "decision": "ruling {which}",
    "import": "import {which}",
    "model": "model {which}",
    "place": "place {which}",
    "plan": "plan {which}",
    "quarantine": "waiting row {which}",
    "run": "run {which}",
    "school": "school {which}",
    "season": "season {which}",
    "user": "account {which}",
}

_KINDS: Mapping[str, str] = {
    "pupils": "list of pupils",
    "places": "list of places",
    "outcomes": "list of outcomes",
    "contacts": "list of contacts",
    "answer": "an answer typed in",
    "fix": "one row corrected",
    "decision": "a counselor’s decision",
}

_RECORDS: Mapping[str, str] = {
    "person": "people",
    "place": "places",
    "outcome": "outcomes",
    "contact": "contacts",
    "quarantine": "corrected rows",
    "waiting": "waiting rows",
    "merge": "records that were joined",
    "duplicate": "duplicates that were decided",
    "consent": "legal bases",
}

#: What is held of a person, by table.
_HELD: Mapping[str, str] = {
    "cases": "who looks after them",
    "consents": "legal bases",
    "contacts": "contacts",
    "decisions": "rulings",
    "drafts": "what was typed and not saved yet",
    "identities": "name, birth date and address",
    "judgements": "own judgements of places",
    "marks": "marks",
    "objections": "objections to being matched",
    "outcomes": "outcomes",
    "people": "entries in school lists",
    "proposal_history": "steps of proposals",
    "proposals": "proposals",
    "quarantine": "waiting or settled rows",
    "wishes": "wishes",
}

_CLASSES: Mapping[str, tuple[str, str, str]] = {
    "people": (
        "People",
        "the last day of the person’s last season",
        "GDPR Art. 5(1)e; assumption: who found no contract may come again in the season after",
    ),
    "placed_people": (
        "People with a contract",
        "the last day of the person’s last season",
        "GDPR Art. 5(1)e; assumption: with a contract the purpose is reached, statistics follow",
    ),
    "withdrawn": (
        "People who withdrew",
        "the day on which the legal basis was withdrawn",
        "GDPR Art. 17(1)b, within the month of Art. 12(3)",
    ),
    "drafts": (
        "What was typed and never saved",
        "the day on which somebody typed it",
        "GDPR Art. 5(1)c and e; assumption: nobody takes it up after two weeks",
    ),
    "settled_rows": (
        "Waiting rows that were settled",
        "the day on which the row was corrected or left out",
        "GDPR Art. 5(1)c and e; assumption",
    ),
    "waiting_rows": (
        "Waiting rows that nobody settled",
        "the day of the import whose row still waits",
        "GDPR Art. 5(1)d and e; assumption: as for people",
    ),
    "images": (
        "What was before an import",
        "the day of the import that can be taken back",
        "GDPR Art. 5(1)e; assumption: mistakes show within a quarter",
    ),
    "runs": (
        "Runs and their plans",
        "the day of the run",
        "AI Act Art. 19(1), 26(6): at least six months; assumption: claims within three years",
    ),
    "audit": (
        "Entries of the log",
        "the day of the entry",
        "GDPR Art. 5(2); AI Act Art. 19(1): at least six months; assumption: as for runs",
    ),
}

_PURPOSES: Mapping[Purpose, str] = {
    Purpose.CORRECTION: "to have it corrected",
    Purpose.SCHOOL: "to ask the school",
    Purpose.ACCESS: "a person asks what is held of them",
}

_REASONS: Mapping[Reason, str] = {
    Reason.REQUEST: "the person asks for it (GDPR Art. 17)",
    Reason.OBJECTION: "the person objected (GDPR Art. 21)",
    Reason.MISTAKE: "they should never have been handed in",
}

_SOLVERS: Mapping[str, str] = {
    "flow": "network flow",
    "jonker_volgenant": "shortest paths (Jonker–Volgenant)",
    "linear_programme": "linear program",
}

_SCORES: Mapping[Scores, str] = {
    Scores.SHOWN: "each counselor decides",
    Scores.AFTER: "own judgement first, the chance after it",
    Scores.OFF: "no chances: scoring is off",
}

#: Why somebody may look into a waiting row here, and why somebody may be deleted.
PURPOSES, REASONS = tuple(_PURPOSES), tuple(_REASONS)

#: What the log may be narrowed to: the first word of its actions.
GROUPS = tuple(sorted({action.partition(".")[0] for action in _ACTIONS}))

#: Columns of other lists than a school's, and what else the log says was touched.
_FIELDS: Mapping[str, str] = {
    "active": "account switched on or off",
    "agreed_on": "day of the agreement",
    "basis_given_on": "legal basis given on",
    "basis_withdrawn": "legal basis withdrawn",
    "bond": "kind of ruling",
    "cells": "what the row says",
    "contact_again": "day to ask again",
    "counselor": "who looks after them",
    "decision": "decision",
    "declined_by": "declined by",
    "deleted": "no longer offered",
    "employer": "firm",
    "fit": "own judgement",
    "kind": "outcome",
    "kldb": "occupation",
    "minimum_age": "minimum age",
    "name": "name",
    "office": "office",
    "officer": "data protection officer",
    "on": "day",
    "openings": "openings",
    "own_find": "own find",
    "password": "Password",
    "place": "place",
    "pseudonym": "pseudonym",
    "reason": "reason",
    "reference": "reference of the offer",
    "requires": "certificate asked for",
    "roles": "roles",
    "scores": "when chances are shown",
    "season": "season",
    "starts": "begin",
    "status": "status",
    "title": "title",
    "withdrawn_at": "day of the withdrawal",
}

#: The kinds of imports.
KINDS = tuple(_KINDS)


def role_words(role: Role, language: Language) -> str:
    """What a role is called."""
    return say(_ROLES[role], language)


def action_words(action: str, language: Language) -> str:
    """What was done, as the log tells; what has no words stays as it is."""
    if action in _ACTIONS:
        return say(_ACTIONS[action], language)
    shorter = action.rpartition(".")[0]
    return say(_ACTIONS[shorter], language) if "." in shorter and shorter in _ACTIONS else action


def subject_words(subject: str, language: Language) -> str:
    """To what it was done; hashes are left out, a pseudonym stays."""
    thing, _, which = subject.partition(" ")
    if subject == "store":
        return say("the store", language)
    if thing not in _THINGS:
        return subject
    if thing in {"run", "import", "plan", "decision", "quarantine", "model"}:
        which = which.partition(" ")[0]
    if thing == "class" and which in _CLASSES:
        return say(_CLASSES[which][0], language)
    return say(_THINGS[thing], language, which=which)


def kind_words(kind: str, language: Language) -> str:
    """What came in."""
    return say(_KINDS[kind], language) if kind in _KINDS else kind


def record_words(record: str, language: Language) -> str:
    """What kind of records, in the plural; a table's rows as what they are of a person."""
    words = _RECORDS.get(record) or _HELD.get(record)
    return record if words is None else say(words, language)


def held_words(table: str, language: Language) -> str:
    """What a table holds of a person."""
    return say(_HELD[table], language) if table in _HELD else table


def field_words(name: str, language: Language) -> str:
    """What a column is called, or a table of which the log tells; else it stays as it is."""
    if name in _FIELDS:
        return say(_FIELDS[name], language)
    if name in school.FIELDS:
        return school.field_words(name, language)
    return held_words(name, language)


def class_words(name: str, language: Language) -> str:
    """A class of data that has a term."""
    return say(_CLASSES[name][0], language) if name in _CLASSES else name


def since_words(name: str, language: Language) -> str:
    """From when on a class's term counts."""
    return say(_CLASSES[name][1], language) if name in _CLASSES else ""


def ground_words(name: str, language: Language) -> str:
    """Where a class's term comes from."""
    return say(_CLASSES[name][2], language) if name in _CLASSES else ""


def term_words(term: Term, language: Language) -> str:
    """How long: 12 months, 30 days."""
    parts = []
    if term.months:
        parts.append(say("{n} months", language, n=number(term.months, language)))
    if term.days:
        parts.append(say("{n} days", language, n=number(term.days, language)))
    return ", ".join(parts)


def purpose_words(purpose: Purpose, language: Language) -> str:
    """For what somebody looks into a row."""
    return say(_PURPOSES[purpose], language)


def reason_words(reason: Reason, language: Language) -> str:
    """Why somebody is deleted."""
    return say(_REASONS[reason], language)


def most_words(scores: Scores, language: Language) -> str:
    """What counselors are shown of chances at most."""
    return say(_SCORES[scores], language)


def solver_words(name: str, language: Language) -> str:
    """By which method a plan was drawn; one that is not known any more is named as it was kept."""
    return say(_SOLVERS[name], language) if name in _SOLVERS else name


def moment_in_short(when: datetime, language: Language) -> str:
    """A point in time for a table: 22.11.2026, 16:45 or 22 Nov 2026, 16:45."""
    here = when.astimezone()
    pattern = "dd.MM.y" if language == "de" else "d MMM y"
    return f"{format_date(here.date(), pattern, locale=language)}, {here:%H:%M}"


def size_words(size: int, language: Language) -> str:
    """3.2 MB, 512 KB."""
    if size >= 1_000_000:
        return f"{number(size / 1_000_000, language, 1)}\N{NO-BREAK SPACE}MB"
    return f"{number(max(1, round(size / 1_000)), language)}\N{NO-BREAK SPACE}KB"
