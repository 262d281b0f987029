"""Why believe this plan? Its proof in plain words, and how to check it without trusting us."""

from __future__ import annotations

import shlex
from pathlib import Path

import streamlit as st

from office.glance import Glance
from office.words import Language, check_words, number, percent, say, status_words
from views.parts import Source, heading, plain
from views.tables import begun


def proof(plan: Glance, reader: Language, source: Source) -> None:
    """Why this plan can be believed, and how to check it without us."""
    heading("Proof", reader)
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
        "solver": proven.solver,
        "fingerprint": proven.fingerprint,
    }
    lines = [
        "**{status}.** The plan reaches {value} {what}; prices prove that no plan can reach more "
        "than {bound} (gap: {gap}).",
        "**Recounted.** A second calculation, which knows no solver, checked every rule and "
        "counted every figure on this page.",
        "**Repeatable.** The same files give the same plan. Fingerprint of what was given: "
        "`{fingerprint}`",
        "Solver: `{solver}`, {pairs} possible pairs, {seconds} seconds.",
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
    st.markdown(
        say("Check it without trusting this page: write the plan, then recount it.", reader)
    )
    st.code("\n".join(check_commands(source)), language=None, wrap_lines=True)


def check_commands(source: Source) -> tuple[str, str]:
    """The two commands that write this very plan and recount it from its files."""
    if isinstance(source, Path):
        folder = "out/plan"
        given = shlex.quote(str(source))
        target = f" --target {given}/target.toml" if (source / "target.toml").exists() else ""
        write = (
            f"uebergang plan --seekers {given}/schools/*.csv --places {given}/places.csv{target} "
            f"--out {folder}"
        )
    else:
        folder = "out/demo"
        write = f"uebergang demo --district {source} --out {folder}"
    recount = (
        f"uebergang verify {folder}/pairs.csv --openings {folder}/places.csv "
        f"--plan {folder}/plan.csv --prices {folder}"
    )
    return write, recount


def footer(plan: Glance, reader: Language) -> None:
    """What was used, and what it may be used for."""
    st.divider()
    lines = [
        say(
            "Chances and proposals on this page are calculated by a program. They are a help, not "
            "a decision: people decide who is proposed where.",
            reader,
        ),
        plain(say(plan.attribution, reader)),
    ]
    if plan.dropped:
        columns = ", ".join(plain(name) for name in plan.dropped)
        words = say(
            "Columns of the school lists that were not used: {columns}.", reader, columns=columns
        )
        lines.insert(1, words)
    for line in lines:
        st.caption(line)
