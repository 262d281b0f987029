"""What is measured, and where is it written? One command, one dated page.

    python -m benchmarks.run [--sizes 1000,3000,30000] [--peers scipy,greedy] [--big]

measures ours and the peers side by side and writes `benchmarks/results/DATE.md`. `--big` adds the
whole country: 420,000 seekers. Run it on a quiet machine: what counts are ratios within the run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

from benchmarks.beside import peers
from benchmarks.environment import busy, install_strangers, machine
from benchmarks.measure import HERE
from benchmarks.page import page
from benchmarks.roster import BY_NAME, PEERS, Peer
from benchmarks.sections import Asked, candidates, demo, engine, serving, solve_command


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=(1000, 3000, 30_000))
    parser.add_argument("--seeds", type=_numbers, default=(1, 2, 3), help="of served districts")
    parser.add_argument("--rounds", type=int, default=5, help="of everything that is repeated")
    parser.add_argument("--peers", type=_peers, default=list(PEERS), help="names, or none")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds a peer may take")
    parser.add_argument("--big", action="store_true", help="the whole country too")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args(words)


def _numbers(words: str) -> tuple[int, ...]:
    return tuple(int(word) for word in words.split(","))


def _peers(words: str) -> list[Peer]:
    return [BY_NAME[word] for word in words.split(",") if word != "none"]


def main(words: Sequence[str] | None = None) -> Path:
    """Measure everything and write the page; returns where it is."""
    options = arguments(words)
    started = perf_counter()

    def tell(step: str) -> None:
        print(f"{perf_counter() - started:6.0f} s  {step}", file=sys.stderr, flush=True)

    asked = Asked(options.sizes, options.seeds, options.rounds, options.limit, options.big, tell)
    facts, busy_before = machine(), busy()
    packages = dict.fromkeys(peer.package for peer in options.peers if peer.package is not None)
    if packages:
        tell("the packages' own environment")
    versions = install_strangers(tuple(packages))
    absent = {
        peer.name: f"{peer.package} could not be installed here"
        for peer in options.peers
        if peer.package is not None and versions[peer.package] is None
    }
    there = [f"{package} {found}" for package, found in versions.items() if found is not None]
    if there:
        facts.append(f"In an environment of their own: {', '.join(there)}")
    sections = [
        engine(asked),
        solve_command(asked),
        serving(asked),
        *peers(asked, options.peers, absent),
        demo(asked),
        candidates(asked),
    ]
    notes = _notes(busy_before, busy(), perf_counter() - started)
    today = date.today().isoformat()
    options.out.mkdir(parents=True, exist_ok=True)
    results: Path = options.out / f"{today}.md"
    results.write_text(page(today, facts, notes, sections), encoding="utf-8")
    tell(f"written to {results}")
    return results


def _notes(busy_before: str, busy_after: str, took: float) -> str:
    return (
        "All districts are random, sparse and invented: so many seekers, 30 possible places each, "
        "about one opening a person, made by a seed; everybody may stay without a place. Seconds "
        "depend on the machine and on who else uses it, so ratios are taken within a round and "
        "shown as the median with the smallest and largest. The machine had "
        f"{busy_before} running processes on average in the minute before and {busy_after} in "
        f"the last one of the run, which took {took / 60:.0f} minutes."
    )


if __name__ == "__main__":
    main()
