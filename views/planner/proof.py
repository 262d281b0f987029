"""Why believe this plan? Its proof in plain words, and what its figures may be used for."""

from __future__ import annotations

import streamlit as st

from office.glance import Glance
from office.words import Language, check_words, number, percent, say, status_words
from office.words.keeping import solver_words
from views.parts import plain
from views.planner.asking import small
from views.tables import begun


def believed(plan: Glance, reader: Language) -> None:
    """Why this plan can be believed: its bound, its recount, its fingerprint."""
    proven = plan.proof
    what = "wish points" if proven.of_wishes else "expected placements"
    facts = {
        "value": number(proven.value, reader, 2),
        "bound": number(proven.bound, reader, 2),
        "what": say(what, reader),
        "gap": percent(proven.gap, reader, 4),
        "status": status_words(proven.status, reader),
        "pairs": number(proven.pairs, reader),
        "seconds": number(proven.seconds, reader, 1),
        "solver": solver_words(proven.solver, reader),
        "fingerprint": proven.fingerprint,
    }
    lines = [
        "**{status}.** The plan reaches {value} {what}; prices prove that no plan can reach more "
        "than {bound} (gap: {gap}).",
        "**Recounted.** A second calculation, which knows no solver, checked every rule and "
        "counted every figure on this page.",
        "**Repeatable.** The same files give the same plan. Fingerprint of what was given: "
        "`{fingerprint}`",
        "Solver: {solver}, {pairs} possible pairs, {seconds} seconds.",
    ]
    if proven.of_wishes:
        floor = (
            "Only plans with at least as many expected placements were compared: first the "
            "target, then wishes."
        )
        lines.insert(1, floor)
    st.markdown("\n".join("- " + begun(say(line, reader, **facts)) for line in lines))
    with st.expander(say("The rules that were recounted", reader)):
        rules = (check_words(check, reader).rstrip(":") for check in proven.checks)
        st.markdown("\n".join(f"- {rule}" for rule in rules))


def footer(plan: Glance, reader: Language) -> None:
    """What was used, and what it may be used for."""
    st.divider()
    words = (
        "Chances and proposals on this page are calculated by a program. They are a help, not a "
        "decision: people decide who is proposed where."
    )
    small(say(words, reader))
    small(plain(say(plan.attribution, reader)))
