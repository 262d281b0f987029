"""How do the peers do, each in a process of its own, in turn with ours? A section a size."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.measure import run_module
from benchmarks.page import Section, gb, percent, ratios, seconds, table
from benchmarks.roster import OURS, Peer
from benchmarks.sections import Asked, answered, middle

#: A peer that takes longer than this, in seconds, is measured once a size.
_SLOW = 15.0

#: Costs are whole billionths of the largest chance: sums may differ by that in either way.
_SAME = 1e-6

#: The peers that ours has to be faster than.
_TO_BEAT = ("scipy", "highs", "highspy")


@dataclass(slots=True)
class Measured:
    """What one peer did at one size: an answer a round, or why there is none."""

    peer: Peer
    answers: list[dict[str, Any]] = field(default_factory=list)
    against: list[float] = field(default_factory=list)
    missing: str | None = None

    @property
    def seconds(self) -> float:
        """The middle of the seconds."""
        return median(float(answer["seconds"]) for answer in self.answers)

    def relative(self, figure: str, ours: dict[str, Any]) -> float:
        """A figure of the plan, in parts of ours."""
        own = float(ours[figure])
        return float(self.answers[0][figure]) / own if own else 1.0


def peers(asked: Asked, wanted: list[Peer], absent: dict[str, str]) -> list[Section]:
    """Measure every peer at every size; whoever overran is not asked at larger sizes."""
    absent = dict(absent)
    sections = []
    for size in sorted(asked.sizes):
        ours, measured = _rounds(asked, size, wanted, absent)
        absent |= {
            one.peer.name: f"not tried, since it overran at {size:,}"
            for one in measured
            if one.missing is not None and one.missing.startswith("overran")
        }
        sections.append(section(size, ours, measured))
    return sections


def _rounds(
    asked: Asked, size: int, wanted: list[Peer], absent: dict[str, str]
) -> tuple[list[dict[str, Any]], list[Measured]]:
    """In each round ours first, then every peer that isn't too slow for another round."""
    measured = [Measured(peer, missing=absent.get(peer.name)) for peer in wanted]
    ours = []
    for number in range(asked.rounds):
        asked.tell(f"peers, {size:,} seekers, round {number + 1} of {asked.rounds}")
        ours.append(answered(run_module("benchmarks.peers", OURS.name, size, 1)))
        for one in measured:
            if one.missing is not None or (one.answers and one.seconds > _SLOW):
                continue
            asked.tell(f"peers, {size:,} seekers, round {number + 1}: {one.peer.name}")
            _measure(asked, size, one, ours[-1]["seconds"])
    return ours, measured


def _measure(asked: Asked, size: int, one: Measured, ours: float) -> None:
    run = run_module("benchmarks.peers", one.peer.name, size, 1, limit=asked.limit)
    answer = run.answer
    if run.overran:
        one.missing = f"overran {asked.limit:.0f} s"
    elif answer is None:
        said = run.faults.strip().splitlines()
        kind = said[-1].split(":")[0].split(".")[-1] if said else "no answer"
        one.missing = f"ended with an error ({kind})"
    else:
        one.answers.append(answer)
        one.against.append(answer["seconds"] / ours)


def section(size: int, ours: list[dict[str, Any]], measured: list[Measured]) -> Section:
    """What all came to at one size, ours first; relative to ours in the same round."""
    own = Measured(OURS, ours, [1.0])
    rows = [_row(one, ours[0]) for one in (own, *measured)]
    best = [one for one in measured if one.peer.best and one.answers]
    same = all(abs(one.relative("expected", ours[0]) - 1) <= _SAME for one in best)
    beaten = [one for one in best if one.peer.name in _TO_BEAT]
    faster = all(median(one.against) > 1 for one in beaten)
    sound = not any(answer["broken"] for one in (own, *measured) for answer in one.answers)
    furthest = max((abs(one.relative("expected", ours[0]) - 1) for one in best), default=0.0)
    found = "optima are equal"
    if furthest > 0:
        found = f"optima differ by at most {furthest:.0e}, relative"
    if not sound:
        found += "; a peer's plan breaks a rule, see the table"
    headings = [
        "",
        "seconds",
        "times ours",
        "memory",
        "expected placements, ours = 100 %",
        "wishes",
        "placed",
        "rounds",
    ]
    said = (
        "Each in a process of its own, in turn with ours; seconds run from the arrays to the "
        "chosen pairs, after a warm-up on a small district, without loading or making the "
        "district. Ours includes prices, proof and recount. Memory is the process's peak, for "
        "the packages in their own environment without ours."
    )
    target = (
        "the same optimum as scipy's and HiGHS's, and faster than both at every size from 1,000"
    )
    reached = same and faster if beaten and size >= 1000 else None
    title = f"Peers at {size:,} seekers"
    return Section(title, said, target, reached, found if beaten else "", table(headings, rows))


def _row(one: Measured, ours: dict[str, Any]) -> list[str]:
    if one.missing is not None or not one.answers:
        return [one.peer.label, f"skipped: {one.missing}", *[""] * 6]
    answer = one.answers[0]
    if not answer["placed"]:
        return [one.peer.label, seconds(one.seconds), ratios(one.against), "no plan", *[""] * 4]
    broken = f", {answer['broken']} rules broken" if answer["broken"] else ""
    return [
        one.peer.label,
        seconds(one.seconds),
        ratios(one.against),
        gb(middle([answer["memory"] for answer in one.answers])),
        percent(one.relative("expected", ours), 2) + broken,
        percent(one.relative("wishes", ours), 0),
        f"{answer['placed']:,}",
        str(len(one.answers)),
    ]
