"""What do the pages share? The reader's language, refusals, and the way to the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import get_args

import streamlit as st

from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule, UebergangError
from office.changes import mark_of
from office.desk import Desk, SampleName
from office.glance import Glance, glance
from office.words import LANGUAGES, Language, language_of, rule_words, say, step_words
from views.tables import Column, begun, long_table

#: A sample by its name, or the folder that the operator set.
Source = SampleName | Path

_OWN_NAMES: dict[Language, str] = {"de": "Deutsch", "en": "English"}

_SAMPLES: dict[SampleName, str] = {
    "district": "invented, more openings than people",
    "scarce": "invented, fewer openings than people",
}


def language() -> Language:
    """The reader's language: chosen, else the address's `lang`, else the browser's, else German."""
    chosen: Language | None = st.session_state.get("lang")
    asked = st.query_params.get("lang") or st.context.locale
    return chosen or language_of(asked) or "de"


def language_switch() -> None:
    """Let the reader choose the language; the choice goes into the address, so it can be shared."""

    def choose() -> None:
        st.session_state["lang"] = st.session_state["language"]
        st.query_params["lang"] = st.session_state["language"]

    st.radio(
        "Sprache / Language",
        LANGUAGES,
        index=LANGUAGES.index(language()),
        format_func=lambda one: _OWN_NAMES[one],
        key="language",
        on_change=choose,
        horizontal=True,
    )


def source_choice() -> Source:
    """The operator's folder where one is set; else the reader chooses between the samples."""
    folder = Desk().settings.district
    if folder is not None:
        st.markdown(say("District: {name}", language(), name=plain(folder.name)))
        return folder
    reader = language()
    samples: tuple[SampleName, ...] = get_args(SampleName)
    chosen: SampleName = st.selectbox(
        say("District", reader),
        samples,
        format_func=lambda name: say(_SAMPLES[name], reader),
        key="district",
    )
    return chosen


@dataclass
class _Kept:
    """The last few plans that were drawn, for all readers: no names are in them."""

    glances: dict[tuple[Source, str], Glance] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple[Source, str], draw: Callable[[], Glance]) -> Glance:
        """The plan of these very files, drawn if it is not there."""
        with self.lock:
            if key not in self.glances:
                self.glances[key] = draw()
            while len(self.glances) > 4:
                del self.glances[next(iter(self.glances))]
            return self.glances[key]


@st.cache_resource(show_spinner=False)
def _kept() -> _Kept:
    return _Kept()


def todays_plan(source: Source) -> Glance:
    """Today's plan, with its steps shown while it is drawn; drawn again once its files change.

    Raises `UebergangError` and `OSError` as the desk does.
    """
    # A sample comes with the product and never changes.
    mark = mark_of(source) if isinstance(source, Path) else ""
    return _kept().get((source, mark), lambda: _draw(Desk(), source))


def _draw(desk: Desk, source: Source) -> Glance:
    reader, place = language(), st.empty()
    status = place.status(say("Drawing the plan", reader))

    def tell(step: str, number: int) -> None:
        count = f" ({number})" if number > 1 else ""
        status.update(label=f"{begun(step_words(step, reader))}{count} \N{HORIZONTAL ELLIPSIS}")

    try:
        if isinstance(source, Path):
            drawn = desk.draw_folder(source, tell)
        else:
            drawn = desk.draw_sample(source, tell)
        return glance(drawn, desk.settings.data_folder)
    finally:
        place.empty()


def heading(text: str, reader: Language, **facts: object) -> None:
    """A section's heading."""
    st.header(say(text, reader, **facts), anchor=False)


#: What markdown would read as markup, anywhere or at the start of a line.
_MARKUP = re.compile(r"[\\`*_\[\]<>$:~#|&]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def plain(text: str) -> str:
    """A text that markdown shows as it stands, whoever typed it."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def refused(refusal: UebergangError | OSError) -> None:
    """Say why there is no plan, with every fault, and what to do next."""
    reader = language()
    if isinstance(refusal, FaultyInput):
        title = say("No plan was drawn: the files have faults.", reader)
    elif isinstance(refusal, NoPlanPossible):
        title = say("No plan is possible: what was asked contradicts itself.", reader)
    elif isinstance(refusal, OSError):
        title = say("No plan was drawn: a file could not be read.", reader)
    else:
        title = say("A plan was drawn but did not pass its recount; it was not kept.", reader)
    st.error(title)
    faults = _faults_of(refusal)
    if not faults:
        st.markdown(say("Please report this: it is a defect of the program.", reader))
        return
    headings = ("file", "row", "column", "value", "what is wrong")
    long_table(
        [Column(say(heading, reader)) for heading in headings],
        [_fault_row(fault, reader) for fault in faults],
        say("Every fault of the files", reader),
        reader,
        key="faults",
    )
    st.markdown(
        say(
            "Correct the files and load this page again. A district\u2019s folder holds the school "
            "lists as `schools/*.csv`, the openings as `places.csv` and, if wanted, the target as "
            "`target.toml`.",
            reader,
        )
    )


def _faults_of(refusal: UebergangError | OSError) -> tuple[Fault, ...]:
    if isinstance(refusal, FaultyInput | NoPlanPossible):
        return refusal.faults
    if isinstance(refusal, OSError):
        return (Fault(Rule.FILE_UNREADABLE, refusal.filename, value=refusal.strerror),)
    return ()


def _fault_row(fault: Fault, reader: Language) -> tuple[object, ...]:
    file = None if fault.file is None else Path(fault.file).name
    return file, fault.row, fault.column, fault.value, rule_words(fault, reader)
