"""How fast is the front end, for one and for twenty at once? One command, one dated page.

    python -m benchmarks.front [--big] [--people] [--postgres] [--browser]

measures every page of every role on the sample, each asked of a served process behind its gate,
and writes `benchmarks/results/DATE-front.md`. `--big` adds a district of 30,000 seekers, `--people`
twenty people at work at once, `--postgres` them on a PostgreSQL server too, `--browser` the time
that a real browser takes. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.environment import busy, machine
from benchmarks.front_pages import Measured, pages
from benchmarks.front_people import Day, at_once, share_within
from benchmarks.front_served import PORT
from benchmarks.front_store import BIG, Tell, copied, fill
from benchmarks.measure import HERE
from benchmarks.page import Section, gb, page, seconds, table
from benchmarks.store_databases import PostgresDatabases, postgres_server

#: Seconds within which a page answers: on the sample and with 30,000 seekers.
SMALL_WITHIN, BIG_WITHIN = 1.0, 3.0

#: Seconds for a new plan of the sample, and for 95 of 100 steps of twenty people.
DRAWN_WITHIN, CROWD_WITHIN = 2.0, 3.0


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.front", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of everything asked for again")
    parser.add_argument("--draws", type=int, default=3, help="new plans of the sample")
    parser.add_argument("--big", action="store_true", help="30,000 seekers too")
    parser.add_argument("--people", action="store_true", help="twenty at once")
    parser.add_argument("--postgres", action="store_true", help="them on PostgreSQL too")
    parser.add_argument("--browser", action="store_true", help="one figure of a real browser")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args(words)


# One at a time -----------------------------------------------------------------------------------


def every_page(found: Measured, within: float) -> Section:
    """A table of all that was asked, the target held against what was asked before."""
    rows = [
        [
            one.what,
            one.who,
            seconds(one.cold),
            seconds(one.middle),
            seconds(max(one.warm)),
            seconds(one.work),
            f"{one.size / 1000:,.0f} kB",
        ]
        for one in found.figures
    ]
    late = [one.what for one in found.figures if one.middle >= within]
    said = (
        f"{found.seekers} seekers. From the request of a run to its last element, by websocket and "
        "behind the gate, without a browser. “First” is the first time since the server is up, in "
        "this order: it bears what others are spared; the very first bears the loading of the "
        "program, too. “Processor” is what the server's processor spent on a later one, by which "
        f"a busy machine can be told. The server was up after {seconds(found.started)} and had "
        f"{gb(found.memory)} at its peak."
    )
    told = "; ".join([*(f"slower: {one}" for one in late), *found.faults])
    headings = [
        "what is asked for",
        "by",
        "first",
        "middle of the later",
        "slowest",
        "processor",
        "sent",
    ]
    target = f"every page within {seconds(within)} once somebody has asked before, no error"
    good = bool(found.figures) and not late and not found.faults
    return Section(f"Every page, {found.seekers}", said, target, good, told, table(headings, rows))


def new_plan(found: Measured, within: float | None) -> Section:
    """How long a click on “draw a plan” takes."""
    times = ", ".join(seconds(one) for one in found.drawn)
    said = (
        f"{found.seekers} seekers, from the click to the words that the plan is there, kept in the "
        f"store with its proof; the page looks every half second: {times or 'none was drawn'}."
    )
    title = f"A new plan, {found.seekers}"
    if within is None:
        return Section(title, said)
    reached = max(found.drawn) < within if found.drawn else None
    return Section(title, said, f"within {seconds(within)}", reached)


# Twenty at once ----------------------------------------------------------------------------------


def crowd_section(kind: str, day: Day) -> Section:
    """What twenty people got to feel, and whether anybody read what is not theirs."""
    every, leaks, errors = day.of(), day.leaks(), day.errors
    kinds = sorted({one.kind for one in day.steps if not one.fault})
    rows = [_times(kind, day.of(kind)) for kind in kinds]
    rows.append(_times("**all**", every))
    most = share_within(every, 0.95) if every else 0.0
    said = (
        "Eight at schools, eight counselors, two planners of whom one draws a plan, an "
        "administrator, and one who signs in and out, on the sample, each with a window of their "
        f"own and one to three seconds of thought between steps: {len(every)} steps in "
        f"{seconds(day.took)}, of which the server's processor worked {seconds(day.work)}; "
        f"{gb(day.memory)} at the peak. Every surname bears a mark; "
        f"{len(day.sights):,} names were read, and each was held against who may read it."
    )
    target = f"95 of 100 steps within {seconds(CROWD_WITHIN)}, no error, nobody sees another's data"
    told = f"{len(errors)} errors, {len(leaks)} names that should not have been read"
    more = "; ".join([*errors, *leaks][:5])
    good = bool(every) and most < CROWD_WITHIN and not errors and not leaks
    headings = ["step", "how many", "middle", "95 of 100 within", "slowest"]
    return Section(
        f"Twenty people at once, {kind}",
        said,
        target,
        good,
        f"{told}; {more}" if more else told,
        table(headings, rows),
    )


def _times(kind: str, times: list[float]) -> list[str]:
    if not times:
        return [kind, "0", "", "", ""]
    shares = (share_within(times, 0.5), share_within(times, 0.95), times[-1])
    return [kind, str(len(times)), *(seconds(one) for one in shares)]


# All of it ---------------------------------------------------------------------------------------


def sections(options: argparse.Namespace, scratch: Path, tell: Tell) -> Iterator[Section]:
    """Everything that was asked for, in its order."""
    small = pages(
        copied(1, scratch, tell),
        "1,708",
        options.rounds,
        options.draws,
        options.port,
        tell,
    )
    yield every_page(small, SMALL_WITHIN)
    yield new_plan(small, DRAWN_WITHIN)
    if options.browser:
        from benchmarks.front_browser import in_a_browser  # noqa: PLC0415

        tell("a real browser")
        yield in_a_browser(copied(1, scratch, tell), options.port)
    if options.big:
        big = pages(copied(BIG, scratch, tell), "30,744", options.rounds, 1, options.port, tell)
        yield every_page(big, BIG_WITHIN)
        yield new_plan(big, None)
    if options.people:
        tell("twenty people on SQLite")
        yield crowd_section("SQLite", at_once(copied(1, scratch, tell), options.port))
    if options.postgres:
        tell("twenty people on PostgreSQL")
        with postgres_server() as server:
            url = PostgresDatabases(server, "front").empty()
            fill(url, 1, tell)
            yield crowd_section("PostgreSQL", at_once(url, options.port))


def main(words: Sequence[str] | None = None) -> Path:
    """Measure what is asked for and write the page; returns where it is."""
    options = arguments(words)
    started = perf_counter()

    def tell(step: str) -> None:
        print(f"{perf_counter() - started:6.0f} s  {step}", file=sys.stderr, flush=True)

    facts, before = machine(), busy()
    facts.append(f"streamlit {version('streamlit')}, altair {version('altair')}")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="uebergang-front-")))
        found = list(sections(options, scratch, tell))
    took = perf_counter() - started
    notes = (
        "Everybody in these districts is invented, made by a seed. Seconds depend on the machine "
        f"and on who else uses it: it had {before} running processes on average in the minute "
        f"before and {busy()} in the last one of the run, which took {took / 60:.0f} minutes. "
        "Whoever asks runs on the same machine."
    )
    today = date.today().isoformat()
    options.out.mkdir(parents=True, exist_ok=True)
    results: Path = options.out / f"{today}-front.md"
    results.write_text(page(today, facts, notes, found), encoding="utf-8")
    tell(f"written to {results}")
    return results


if __name__ == "__main__":
    main()
