"""How fast do school lists come in, and what does that take? One command, one dated page.

    python -m benchmarks.store [--sizes 25000,100000,420000] [--postgres] [--stress]

measures `uebergang import` as whole processes, the search for doubles and the refusal of hostile
files, and writes `benchmarks/results/DATE-store.md`. `--postgres` adds a PostgreSQL server of its
own beside SQLite, `--stress` several writers at once and imports that are killed. Run it on a
quiet machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.environment import busy, machine
from benchmarks.measure import HERE, Run, run_module
from benchmarks.page import Section, gb, page, percent, seconds, table
from benchmarks.sections import answered, verdict
from benchmarks.store_databases import (
    Databases,
    PostgresDatabases,
    SqliteFiles,
    postgres_server,
)

#: The sizes that the targets speak of, and one between them.
DISTRICT, COUNTRY = 25_000, 420_000
SIZES = (DISTRICT, 100_000, COUNTRY)

SEASON = "2026/27"
SEED = 1

#: Seconds and GB that an import may take; at the size of the country memory is to stay bounded:
#: here, too, below a GB.
MOST = {DISTRICT: (20.0, 1.0), COUNTRY: (480.0, 1.0)}

#: Seconds and GB that turning a hostile file away may take.
REFUSED_IN, REFUSED_WITH = 1.0, 0.2

_FIVE = ("stored", "changed", "unchanged", "merged", "quarantined")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the run was asked to measure."""

    sizes: tuple[int, ...]
    rounds: int
    people: int
    tell: Callable[[str], None]


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="of the lists, in rows")
    parser.add_argument("--rounds", type=int, default=3, help="of the made sets with doubles")
    parser.add_argument("--people", type=int, default=DISTRICT, help="of each made set")
    parser.add_argument("--postgres", action="store_true", help="beside SQLite")
    parser.add_argument("--stress", action="store_true", help="writers at once, and kill -9")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args(words)


def _numbers(words: str) -> tuple[int, ...]:
    return tuple(int(word) for word in words.split(","))


# Imports ----------------------------------------------------------------------------------------


def imports(asked: Asked, kinds: Sequence[Databases]) -> Iterator[Section]:
    """A list of each size into each database, and what comes after it."""
    with TemporaryDirectory() as name:
        scratch = f"{name}/idle.sqlite"
        idle = run_module("office.cli", "imports", "list", "--json", "--db", scratch)
    answered(idle, talks=False)
    rows, later = [], []
    met: dict[int, list[bool]] = {}
    for size in asked.sizes:
        with TemporaryDirectory() as name:
            asked.tell(f"lists of {size:,} rows")
            made = answered(run_module("benchmarks.pupil_lists", size, SEED, name))
            for databases in kinds:
                asked.tell(f"{size:,} rows into {databases.kind}")
                url = databases.empty()
                run, counts = _import(url, made["files"])
                _check(counts, made)
                rows.append([f"{size:,}", databases.kind, *_cells(run, counts, idle)])
                if size in MOST:
                    most_seconds, most_memory = MOST[size]
                    good = run.seconds < most_seconds and run.memory < most_memory
                    met.setdefault(size, []).append(good)
                asked.tell(f"what comes after {size:,} rows in {databases.kind}")
                after = _afterwards(url, size, made["files"], Path(name))
                later.append([f"{size:,}", databases.kind, *after])
                databases.drop(url)
    yield _throughput(rows, idle, {size: all(each) for size, each in met.items()})
    yield Section(
        "What comes after a list",
        "Into the store with the list above in it: the same files again (nothing may change), a "
        "look ahead that writes nothing, and one late joiner at a school of their own, who is held "
        "against everybody. Whole processes again; the country has the late joiner only.",
        table=table(
            ["rows", "database", "again", "peak", "look ahead", "peak", "one late joiner", "peak"],
            later,
        ),
    )


def _throughput(rows: list[list[str]], idle: Run, met: Mapping[int, bool]) -> Section:
    headings = ["rows", "database", "wall clock", "rows a second", "peak memory", "above idle"]
    headings += ["stored", "merged", "doubtful", "quarantined"]
    said = (
        "`uebergang import FILE... --json` as a whole process: reading, checking, searching for "
        "doubles and writing in one transaction. The lists are invented, in the columns of a "
        "SchILD-NRW export, with seed 1; of 100 rows 5 have a fault on purpose and wait, 3 are "
        "somebody of another school with what lists do to names and addresses. Every row is "
        f"counted once. A command that does next to nothing takes {seconds(idle.seconds)} and "
        f"{gb(idle.memory)}: that is idle. Memory is that of the command; the server of PostgreSQL "
        "is not in it."
    )
    target = f"{DISTRICT:,} rows in under 20 s and 1 GB on each database, {COUNTRY:,} in under "
    target += "8 minutes with bounded memory (under 1 GB as well)"
    ok, found = verdict((DISTRICT, COUNTRY), met)
    return Section("School lists come in", said, target, ok, found, table(headings, rows))


def _import(url: str, files: Sequence[object], *more: str) -> tuple[Run, dict[str, Any]]:
    words = ["import", *files, "--db", url, "--season", SEASON, "--json", *more]
    run = run_module("office.cli", *words)
    if run.code:
        answered(run)
    return run, _counts(run.output)


def _counts(output: str) -> dict[str, Any]:
    """The whole of what a command said; it spreads its JSON over many lines."""
    told: dict[str, Any] = json.loads(output)
    return told


def _check(counts: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """A figure for an import that lost or let through a row would be worth nothing."""
    if counts["rows"] != made["rows"] or sum(counts[name] for name in _FIVE) != made["rows"]:
        sys.exit(f"Rows were lost: {counts['rows']} of {made['rows']}.")
    if counts["quarantined"] != made["faulty"]:
        sys.exit(f"{made['faulty']} rows are faulty, {counts['quarantined']} wait.")


def _cells(run: Run, counts: Mapping[str, Any], idle: Run) -> list[str]:
    return [
        seconds(run.seconds),
        f"{counts['rows'] / run.seconds:,.0f}",
        gb(run.memory),
        gb(run.memory - idle.memory),
        *(f"{counts[name]:,}" for name in ("stored", "merged", "doubtful", "quarantined")),
    ]


def _afterwards(url: str, rows: int, files: Sequence[object], folder: Path) -> list[str]:
    runs: list[Run | None] = [None, None]
    if rows < COUNTRY:
        again, counts = _import(url, files)
        if counts["unchanged"] + counts["quarantined"] != counts["rows"]:
            sys.exit("The same list again changed something.")
        ahead, _ = _import(url, files, "--dry-run")
        runs = [again, ahead]
    joiner = folder / "joiner.csv"
    lines = Path(str(files[0])).read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(";")
    cells[0] = "999999"
    joiner.write_text(f"{lines[0]}\n{';'.join(cells)}\n", encoding="utf-8")
    late, found = _import(url, [joiner], "--partial")
    if found["merged"] + found["doubtful"] + found["quarantined"] == 0:
        sys.exit("A late joiner who stands in another list was not found there.")
    return [
        cell
        for run in (*runs, late)
        for cell in (("", "") if run is None else (seconds(run.seconds), gb(run.memory)))
    ]


# Doubles and hostile files ----------------------------------------------------------------------


def duplicates(asked: Asked) -> Section:
    """The same person once: on made sets with known truth."""
    rows, good = [], []
    for seed in range(1, asked.rounds + 1):
        asked.tell(f"doubles among {asked.people:,}, seed {seed}")
        run = run_module("benchmarks.duplicates", "--json", asked.people, seed)
        got = answered(run)
        good.append(got["precision"] >= 0.99 and got["recall"] >= 0.95)
        rows.append(
            [
                str(seed),
                f"{got['precision']:.4f}",
                f"{got['recall']:.4f}",
                percent(got["found_sure"]),
                f"{got['offered']:,}",
                percent(got["offered_right"]),
                seconds(got["seconds"]),
                f"{gb(got['before'])} / {gb(got['peak'])}",
            ]
        )
    said = (
        f"Two invented lists of {asked.people:,} with known truth: three in five are on both, 3 in "
        "100 twice on one. Two in three records had something done to them: slips, swapped names, "
        "umlauts, missing cells, a move. Among them are twins, siblings and namesakes of one day. "
        "Precision is that of pairs taken for sure, recall that of pairs found, sure or offered."
    )
    headings = ["seed", "precision", "recall", "of these sure", "offered", "of these right"]
    headings += ["time", "memory before / peak"]
    target = "precision at least 0.99, recall at least 0.95"
    return Section("The same person once", said, target, all(good), "", table(headings, rows))


def hostile(asked: Asked) -> Section:
    """Every hostile file, each in a process of its own."""
    rows, good = [], []
    with TemporaryDirectory() as name:
        asked.tell("hostile files are written")
        files = answered(run_module("benchmarks.hostile_files", "write", name))
        for file, (rule, size) in files.items():
            asked.tell(f"hostile: {file}")
            run = run_module("benchmarks.hostile_files", "read", Path(name) / file)
            got = answered(run)
            more = got["after"] - got["before"]
            right = got["rules"] == [rule]
            good.append(right and got["seconds"] < REFUSED_IN and more < REFUSED_WITH)
            rows.append(
                [
                    file.rsplit(".", 1)[0],
                    f"{size / 1e6:.2f} MB",
                    ", ".join(got["rules"]) if right else f"**{got['rules']}**",
                    seconds(got["seconds"]),
                    f"{1000 * more:.0f} MB",
                    f"{1000 * got['before']:.0f} MB",
                    seconds(run.seconds),
                ]
            )
    said = (
        "Each file in a fresh process. Memory is the peak beyond that of a Python with the reader "
        "imported (idle); the last column is the whole process, most of it the start of Python. "
        "Formulas refuse no file: each row with one waits."
    )
    headings = ["file", "size", "rule", "turned away in", "memory", "idle", "whole process"]
    target = "each under 1 s and 200 MB"
    found = f"{sum(good)} of {len(good)}"
    return Section("Hostile files", said, target, all(good), found, table(headings, rows))


def main(words: Sequence[str] | None = None) -> Path:
    """Measure everything and write the page; returns where it is."""
    options = arguments(words)
    started = perf_counter()

    def tell(step: str) -> None:
        print(f"{perf_counter() - started:6.0f} s  {step}", file=sys.stderr, flush=True)

    asked = Asked(options.sizes, options.rounds, options.people, tell)
    facts, busy_before = machine(), busy()
    with ExitStack() as stack:
        kinds: list[Databases] = [SqliteFiles(Path(stack.enter_context(TemporaryDirectory())))]
        if options.postgres:
            kinds.append(PostgresDatabases(stack.enter_context(postgres_server())))
        sections = [*imports(asked, kinds), duplicates(asked), hostile(asked)]
    took = perf_counter() - started
    parts = [page(_today(), facts, _notes(busy_before, busy(), took), sections)]
    if options.stress:
        tell("writers at once, and kill -9")
        parts.append(str(import_module("benchmarks.store_stress").section()).strip() + "\n")
    options.out.mkdir(parents=True, exist_ok=True)
    results: Path = options.out / f"{_today()}-store.md"
    results.write_text("\n".join(parts), encoding="utf-8")
    tell(f"written to {results}")
    return results


def _today() -> str:
    return date.today().isoformat()


def _notes(busy_before: str, busy_after: str, took: float) -> str:
    return (
        "Everybody in these lists is invented, made by a seed. Seconds depend on the machine and "
        f"on who else uses it: it had {busy_before} running processes on average in the minute "
        f"before and {busy_after} in the last one of the run, which took {took / 60:.0f} minutes. "
        "A GB is 1,000,000,000 bytes."
    )


if __name__ == "__main__":
    main()
