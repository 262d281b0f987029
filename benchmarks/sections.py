"""What is measured of our own? Engine, commands, wishes and candidates: a section each."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Run, run_module, run_process
from benchmarks.page import Section, gb, percent, ratios, seconds, table

#: All of Germany in one season: seekers on record.
COUNTRY = 420_000

#: The sizes that our own targets speak of.
OWN_SIZES = (3000, 30_000)
OWN = OWN_SIZES[0]

NOT_MEASURED = "Not measured in this run; it needs `--big`."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the run was asked to measure."""

    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    rounds: int
    limit: float
    big: bool
    tell: Callable[[str], None]

    def own_sizes(self) -> tuple[int, ...]:
        """The sizes at which our own targets are set; the small ones where nothing else is."""
        return tuple(size for size in self.sizes if size >= OWN) or self.sizes


def verdict(wanted: Sequence[int], met: Mapping[int, bool]) -> tuple[bool | None, str]:
    """Whether a target is reached at the sizes it names, and how it stands at each of them.

    A target missed at one size is missed; it is reached only if every size was measured.
    """
    words = {True: "reached", False: "not reached", None: "not measured"}
    found = ", ".join(f"{size:,}: {words[met.get(size)]}" for size in wanted)
    if any(met.get(size) is False for size in wanted):
        return False, found
    return (True if all(size in met for size in wanted) else None), found


def engine(asked: Asked) -> Section:
    """`solve` with prices, proof and recount against the bare flow."""
    rows, met = [], dict[int, bool]()
    for size in (*asked.own_sizes(), *([COUNTRY] if asked.big else [])):
        asked.tell(f"solve beside the bare flow, {size:,} seekers")
        rounds = min(asked.rounds, 2) if size == COUNTRY else asked.rounds
        answer = answered(run_module("benchmarks.engine", size, 1, rounds))
        measured = answer["rounds"]
        way = min(("supplies", "source"), key=lambda w: median(one[w] for one in measured))
        whole = [one["solve"] / one[way] for one in measured]
        step = [one["flow"] / one[way] for one in measured]
        met[size] = median(whole) <= 2.5 and median(step) <= 1.1
        memory = [_memory(name, size) for name in ("bare", "ours")]
        parts = (median(one[part] for one in measured) for part in ("prices", "verify"))
        rows.append(
            [
                f"{size:,}",
                f"{seconds(median(one[way] for one in measured))} ({way})",
                ratios(whole),
                ratios(step),
                " + ".join(map(seconds, parts)),
                " / ".join(map(gb, memory)),
            ]
        )
    headings = [
        "seekers",
        "bare flow",
        "`solve` / bare",
        "flow step / bare",
        "prices + recount",
        "peak memory bare / ours",
    ]
    said = (
        "One district of each size, in one process: bare flow, `solve`, and the bare flow written "
        "the other way, forwards and backwards in turn. The bare flow gets the same arrays and "
        "the same whole costs in array calls and returns the chosen pairs; of its two ways "
        "(a supply at every seeker, or one source) the faster counts and is named. `solve` adds "
        "prices, the proof of the optimum and the recount. Ratios are medians over "
        f"{asked.rounds} round(s) (smallest to largest){_two(asked)}; memory is the peak of a "
        "fresh process with the district in it."
    )
    target = "`solve` at most 2.5 times the bare flow, its flow step at most 1.1 times, at "
    target += ", ".join(f"{size:,}" for size in (*OWN_SIZES, COUNTRY))
    ok, found = verdict((*OWN_SIZES, COUNTRY), met)
    return Section("Solve beside the bare flow", said, target, ok, found, table(headings, rows))


def _two(asked: Asked) -> str:
    return f", two at {COUNTRY:,}" if asked.big and asked.rounds > 2 else ""


def _memory(name: str, size: int) -> float | None:
    return answered(run_module("benchmarks.peers", name, size, 1)).get("memory")


def solve_command(asked: Asked) -> Section:
    """`uebergang solve` from Parquet and `uebergang verify` of it, each as a whole process."""
    rows, met = [], dict[int, bool]()
    for size in (*asked.own_sizes(), *([COUNTRY] if asked.big else [])):
        asked.tell(f"uebergang solve and verify from Parquet, {size:,} seekers")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            answered(run_module("benchmarks.districts", size, 1, folder), talks=False)
            out = folder / "out"
            words = [folder / "pairs.parquet", "--openings", folder / "places.parquet"]
            run = run_module("office.cli", "solve", *words, "--out", out)
            answered(run, talks=False)
            proof = ["--plan", out / "plan.csv", "--prices", out]
            check = run_module("office.cli", "verify", *words, *proof)
            answered(check, talks=False)
            result = json.loads((out / "result.json").read_text())
        steps = ", ".join(f"{step} {seconds(took)}" for step, took in result["seconds"].items())
        proven = f"{result['status']}, verified: {str(result['verified']).lower()}"
        cells = [f"{size:,}", f"{result['pairs']:,}", seconds(run.seconds), steps]
        checked = [seconds(check.seconds), gb(check.memory)]
        rows.append([*cells, gb(run.memory), proven, *checked])
        met[size] = run.memory <= 4 and result["verified"] is True
    headings = ["seekers", "pairs", "wall clock", "of which", "peak memory", "result"]
    headings += ["`verify`", "its peak memory"]
    said = (
        "The command as a whole process, from a Parquet file of pairs (ids as text, chance and "
        "wish) to plan, prices and result on disk. `verify` then recounts plan and prices from the "
        "files alone, another whole process."
    )
    if not asked.big:
        said += f" {COUNTRY:,} seekers: {NOT_MEASURED.lower()}"
    target = f"{COUNTRY:,} seekers with 30 candidates each within 4 GB"
    ok, found = verdict((COUNTRY,), met)
    return Section("`uebergang solve` from Parquet", said, target, ok, found, table(headings, rows))


def serving(asked: Asked) -> Section:
    """How near to the best wishes are served, in bare flows."""
    floors = "0.8,0.9,0.97,confidence"
    plans = [(size, seed, floors) for size in asked.own_sizes() for seed in asked.seeds]
    rows, good = [], dict[int, list[bool]]()
    for size, seed, wanted in plans:
        asked.tell(f"serving wishes, {size:,} seekers, seed {seed}")
        rounds = asked.rounds if size < OWN * 2 else 1
        answer = answered(run_module("benchmarks.serving", size, seed, wanted, rounds))
        for run in answer["runs"]:
            met = run["gap"] is not None and run["gap"] <= 1e-3 and median(run["flows"]) <= 25
            good.setdefault(size, []).append(met)
            rows.append([f"{size:,}", str(seed), *_served(run)])
    headings = [
        "seekers",
        "seed",
        "expected kept",
        "gap",
        "flows solved",
        "time in bare flows",
        "bare flow",
        "wishes served",
        "expected",
    ]
    said = (
        "The whole of `steer`: the first plan with its proof, then wishes down to a floor under "
        "expected placements (a share of the most), or as long as a target of nine tenths of the "
        "most holds with 90 % confidence. The gap is proven by prices. Wishes are in times those "
        "of the first plan, "
        "expected placements in parts of the most. Each run stands between two bare flows, written "
        "the faster way, and is measured in their mean: the median over "
        f"{asked.rounds} round(s) up to {2 * OWN:,} seekers, once above."
    )
    target = "proven within 0.1 % in at most 25 bare flows, at 3,000 and 30,000"
    ok, found = verdict(OWN_SIZES, {size: all(runs) for size, runs in good.items()})
    runs = [met for size in OWN_SIZES for met in good.get(size, [])]
    found += f"; {sum(runs)} of {len(runs)} runs" if runs else ""
    return Section("Serving wishes", said, target, ok, found, table(headings, rows))


def _served(run: dict[str, Any]) -> list[str]:
    floor = run["floor"]
    return [
        "90 % confidence" if floor == "confidence" else percent(float(floor), 0),
        "no room" if run["gap"] is None else percent(run["gap"], 3),
        str(run["solved"]),
        ratios(run["flows"], digits=1),
        seconds(run["bare"]),
        f"{run['wishes']:.2f}",
        percent(run["expected"]),
    ]


def demo(asked: Asked) -> Section:
    """The main job on the bundled district, as a whole process."""
    runs = []
    for number in range(asked.rounds):
        asked.tell(f"uebergang demo, {number + 1} of {asked.rounds}")
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run_module("office.cli", "demo", "--out", folder))
    for run in runs:
        answered(run, talks=False)
    took = [run.seconds for run in runs]
    cells = [seconds(median(took)), seconds(min(took)), seconds(max(took))]
    rows = [["`uebergang demo`", *cells, gb(max(run.memory for run in runs)), str(len(runs))]]
    headings = ["command", "wall clock, median", "least", "most", "peak memory", "runs"]
    said = (
        "The bundled, invented district from school lists to plan, prices, proof and reasons on "
        "disk: reading, candidates, chances, reach, serve, recount."
    )
    reached = median(took) < 10
    return Section(
        "The main job", said, "under 10 s on two cores", reached, "", table(headings, rows)
    )


def candidates(asked: Asked) -> Section:
    """Who could go where, for a whole country."""
    said = "All eligible pairs weighed and the best 30 a person kept; invented people and places."
    target = f"{COUNTRY:,} seekers and 480,000 places in under 6 GB"
    title = "Candidates"
    if not asked.big:
        return Section(title, f"{said} {NOT_MEASURED}", target)
    asked.tell(f"candidates, {COUNTRY:,} seekers")
    run = run_process([sys.executable, "-m", "benchmarks.candidates", str(COUNTRY), "30"])
    answered(run, talks=False)
    found = f"peak {gb(run.memory)}, wall clock {seconds(run.seconds)}"
    lines = "\n".join(f"    {line}" for line in run.output.strip().splitlines())
    return Section(title, said, target, run.memory < 6, found, lines)


def answered(run: Run, talks: bool = True) -> dict[str, Any]:
    """The answer of a run of our own; a run that went wrong ends the measurement."""
    if run.code or run.overran:
        sys.exit(f"A measurement went wrong (code {run.code}):\n{run.faults[-2000:]}")
    if not talks:
        return {}
    answer = run.answer
    assert answer is not None
    return answer


def middle(values: Sequence[float | None]) -> float | None:
    """The middle of the known values."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
