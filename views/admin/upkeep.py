"""Is the house sound and lean? Terms, switches, backups, one person's deletion, reference data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from matching.errors import FaultyInput, UebergangError
from office.keeping_desk import TERMS, Copied, Scores
from office.words import number
from office.words.keeping import (
    class_words,
    ground_words,
    moment_in_short,
    most_words,
    since_words,
    size_words,
    term_words,
)
from views.admin.here import Here, here, said_now, say_later, section, small, why_not
from views.admin.one_person import leave_person, one_person, swept_words
from views.parts import heading, page_help, plain
from views.tables import Column, begun, counts, table
from views.uploader import drop_zone

_SECTIONS = {
    "terms": "Terms",
    "switches": "Switches",
    "backup": "Backup",
    "person": "Delete one person",
    "reference": "Reference data",
}

#: Where a copy that was just made is remembered.
_COPIED = "admin_copied"


def page() -> None:
    """One part of the upkeep at a time."""
    at = here()
    st.title(at.say("Upkeep"), anchor=False)
    said_now()
    parts: Mapping[str, Callable[[Here], None]] = {
        "terms": _terms,
        "switches": _switches,
        "backup": _backup,
        "person": one_person,
        "reference": _reference,
    }
    part = section(at, "part", _SECTIONS)
    if part != "person":
        leave_person()
    parts[part](at)
    page_help(
        at.say(
            "**Terms** say how long which class of data is kept. What is beyond its term is "
            "deleted by the nightly job, or here; statistics stay."
        ),
        at.say(
            "A **backup** holds everything that the store holds, names among it. It needs the "
            "same care and a term of its own: who was deleted from the store is still in the "
            "backups of before."
        ),
        at.say(
            "**Deleting one person** removes all that is kept of them, from the raw files too. "
            "What stays are figures that name nobody, the bare pseudonym and the log."
        ),
    )


# Terms -------------------------------------------------------------------------------------------


def _terms(at: Here) -> None:
    heading("How long what is kept", at.reader)
    try:
        with st.spinner(at.say("Counting what is beyond its term")):
            terms, due = at.desk.terms(by=at.by), at.desk.beyond_term(by=at.by)
    except FaultyInput as refusal:
        st.error(
            at.say("The office’s own terms can’t be read.") + " " + why_not(refusal, at.reader)
        )
        return
    table(
        [
            Column(at.say("class of data")),
            Column(at.say("beyond it now"), counts(at.reader)),
            Column(at.say("kept for")),
            Column(at.say("counted from")),
            Column(at.say("where the term comes from")),
        ],
        [
            (
                begun(class_words(name, at.reader)),
                due.get(name, 0),
                term_words(term, at.reader),
                since_words(name, at.reader),
                ground_words(name, at.reader) if term.ground == TERMS[name].ground else term.ground,
            )
            for name, term in terms.items()
        ],
        at.say("Terms by class of data"),
        at.reader,
    )
    small(
        at.say(
            "An office sets its own terms with its data protection officer, in a file that "
            "`UEBERGANG_TERMS` names; they hold here and for the nightly job."
        )
    )
    heading("Delete what is beyond its term", at.reader)
    if not any(due.values()):
        st.info(at.say("Nothing is beyond its term; there is nothing to do."))
        return
    _run_terms(at, sum(due.values()))


def _run_terms(at: Here, count: int) -> None:
    typed = at.say("DELETE")
    st.warning(
        at.say(
            "{count} things go for good, from the raw files too. **This can’t be undone**; make "
            "a backup first if you are not sure.",
            count=number(count, at.reader),
        )
    )
    with st.form("terms", clear_on_submit=True):
        told = st.text_input(at.say("Type {word} to go on", word=typed), key="typed_terms")
        sent = st.form_submit_button(at.say("Delete what is beyond its term"))
    if not sent:
        return
    if told.strip() != typed:
        st.error(at.say("Nothing was deleted: the word was another one."))
        return
    try:
        with st.spinner(at.say("Deleting")):
            gone = at.desk.run_retention(by=at.by)
    except UebergangError as refusal:
        st.error(why_not(refusal, at.reader))
        return
    listed = [
        f"{class_words(name, at.reader)}: {number(number_gone, at.reader)}"
        for name, number_gone in gone.items()
        if name in TERMS and number_gone
    ]
    words = at.say("Deleted. {what}", what="; ".join(listed))
    say_later(f"{words} {swept_words(at, bool(gone['swept']))}".strip())
    st.rerun()


# Switches ----------------------------------------------------------------------------------------


def _switches(at: Here) -> None:
    switches = at.desk.switches(by=at.by)
    heading("Chances", at.reader)
    st.markdown(
        at.say(
            "What counselors are shown of chances **at most**. Without chances everything still "
            "works: places are then in the order of wishes and ways. Plans are drawn as before."
        )
    )
    known = list(Scores)
    with st.form("scores"):
        scores = st.radio(
            at.say("Chances for counselors"),
            known,
            index=known.index(Scores(switches.scores)),
            format_func=lambda one: begun(most_words(one, at.reader)),
            key="scores",
        )
        if st.form_submit_button(at.say("Set")) and scores.value != switches.scores:
            at.desk.show_scores(scores, by=at.by)
            say_later(at.say("Set; it holds from everybody’s next step on."))
            st.rerun()
    heading("Season", at.reader)
    today = at.desk.season()
    words = (
        "Everybody works in the season that today falls into: **{season}**."
        if switches.season is None
        else "Everybody works in season **{season}**, whatever the date."
    )
    st.markdown(at.say(words, season=today))
    _season(at, switches.season)


def _season(at: Here, now: str | None) -> None:
    with st.form("season"):
        told = st.text_input(
            at.say("Work in another season, such as 2026/27; empty for today’s"),
            now or "",
            max_chars=9,
            key="season_of_house",
        )
        sent = st.form_submit_button(at.say("Set the season"))
    if not sent or (told.strip() or None) == now:
        return
    try:
        at.desk.work_in_season(told.strip() or None, by=at.by)
    except FaultyInput:
        st.error(at.say("That is no season: write it as 2026/27."))
        return
    say_later(at.say("Set; it holds from everybody’s next step on."))
    st.rerun()


# Backup ------------------------------------------------------------------------------------------


def _backup(at: Here) -> None:
    heading("Make a backup", at.reader)
    folder = str(at.desk.settings.copies)
    st.markdown(at.say("Backups go into this folder of the server; others can go on working."))
    st.code(folder, language=None, wrap_lines=True)
    if st.button(at.say("Make a backup now"), type="primary", key="copy"):
        try:
            with st.spinner(at.say("Copying the store; a large one takes some seconds")):
                st.session_state[_COPIED] = at.desk.make_copy(by=at.by)
        except (UebergangError, OSError) as refusal:
            st.error(why_not(refusal, at.reader))
    _just_copied(at)
    _copies(at)
    heading("Bring a backup back", at.reader)
    st.markdown(
        at.say(
            "That is done at the server’s terminal alone, into an empty store, while nobody is "
            "signed in. Afterwards the log’s head is shown; compare it with the one that was "
            "noted. Whoever withdrew or was deleted since then must be deleted again."
        )
    )
    st.code(f"uebergang restore {folder}/uebergang-…zip --db …", language=None, wrap_lines=True)


def _just_copied(at: Here) -> None:
    done: Copied | None = st.session_state.get(_COPIED)
    if done is None:
        return
    facts = {
        "file": plain(done.copy.name),
        "size": size_words(done.copy.size, at.reader),
        "rows": number(sum(done.manifest.rows.values()), at.reader),
    }
    st.success(at.say("**{file}** is made: {size}, {rows} rows, checked.", **facts))
    st.markdown(at.say("Its log goes up to this head at least; note it elsewhere:"))
    st.code(str(done.head), language=None, wrap_lines=True)


def _copies(at: Here) -> None:
    heading("Backups that are there", at.reader)
    found = at.desk.copies(by=at.by)
    if not found:
        st.info(
            at.say("There is none in this folder yet. Make one now, or set up the nightly job.")
        )
        return
    table(
        [Column(at.say("file")), Column(at.say("made")), Column(at.say("size"))],
        [
            (one.name, moment_in_short(one.at, at.reader), size_words(one.size, at.reader))
            for one in found[:30]
        ],
        at.say("Backups that are there"),
        at.reader,
        narrow=True,
    )


# Reference data ----------------------------------------------------------------------------------


def _reference(at: Here) -> None:
    there = at.desk.reference(by=at.by)
    heading("Occupations", at.reader)
    own = at.say(
        "The program’s own table of training occupations is there: {count}.",
        count=number(there.own, at.reader),
    )
    official = (
        at.say("The official table (KldB 2010) is imported: {count} occupations.",
               count=number(there.official, at.reader))
        if there.official
        else at.say(
            "The official table (KldB 2010) is not imported. Everything works without it; with it "
            "occupations outside of training have their official names, too."
        )
    )  # fmt: skip
    st.markdown(f"- {own}\n- {official}")
    _take_in(at, "csv", at.say("Official table as CSV (`code;level;title;short_title`)"),
             at.desk.take_occupations)  # fmt: skip
    heading("Map", at.reader)
    shapes = (
        "The map shows **schematic cells** for {count} municipalities: neighbours are right only "
        "roughly. Official boundaries can be imported."
        if there.schematic
        else "The map shows the boundaries that were imported, for {count} municipalities."
    )
    st.markdown(at.say(shapes, count=number(there.municipalities, at.reader)))
    _take_in(at, "geojson", at.say("Boundaries of the municipalities as GeoJSON (WGS 84)"),
             at.desk.take_shapes)  # fmt: skip


def _take_in(at: Here, kind: str, label: str, take: Callable[..., int]) -> None:
    turn = st.session_state.get("admin_reference_turn", 0)
    files = drop_zone(at.reader, f"reference_{kind}_{turn}", label, kind)
    if not files:
        return
    try:
        count = take(files[-1][1], by=at.by)
    except FaultyInput as refusal:
        st.error(at.say("Nothing was imported.") + " " + why_not(refusal, at.reader))
        return
    st.session_state["admin_reference_turn"] = turn + 1
    say_later(at.say("Imported: {count} entries.", count=number(count, at.reader)))
    st.rerun()


page()
