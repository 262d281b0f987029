"""Does the store lose anything under stress? Eight writers at once; imports killed at any moment.

    python -m benchmarks.store_stress [KILLS]

prints a section for the results page. Each figure is of both databases. PostgreSQL is a server of
its own on this machine, with its settings as they come.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.page import Section, seconds, table
from benchmarks.store_databases import (
    Databases,
    PostgresDatabases,
    SqliteFiles,
    postgres_server,
)
from benchmarks.store_kills import Killed, kill_imports
from benchmarks.store_writers import WRITERS, Ledger, stress

KILLS = 50

#: Rounds of each writer, and pupils of its school in the first of them.
ROUNDS, SIZE = 6, 150

#: Rows of the list whose import is killed.
ROWS = 1_000


def section(kills: int = KILLS, rounds: int = ROUNDS, size: int = SIZE, rows: int = ROWS) -> str:
    """Both stresses on both databases, as Markdown."""
    written: dict[str, tuple[Ledger, float, list[str]]] = {}
    killed: dict[str, Killed] = {}
    with TemporaryDirectory() as scratch, postgres_server() as server:
        kinds: tuple[Databases, ...] = (SqliteFiles(Path(scratch)), PostgresDatabases(server))
        for databases in kinds:
            folder = Path(scratch) / databases.kind
            folder.mkdir()
            print(f"{databases.kind}: {WRITERS} writers", file=sys.stderr, flush=True)
            written[databases.kind] = stress(databases.empty(), folder, rounds, size)
            print(f"{databases.kind}: {kills} kills", file=sys.stderr, flush=True)
            killed[databases.kind] = kill_imports(databases, folder, kills, rows, seed=1)
    return f"{_of_writers(written)}\n\n{_of_kills(killed, rows)}"


def _of_writers(written: dict[str, tuple[Ledger, float, list[str]]]) -> str:
    rows = []
    reached = True
    for kind, (ledger, took, wrong) in written.items():
        done = sum(ledger.done.values())
        imports = sum(count for name, count in ledger.done.items() if name.startswith("import."))
        rulings = sum(
            count
            for name, count in ledger.done.items()
            if name.partition(".")[0] in {"duplicate", "decision", "proposal"}
        )
        reached = reached and not wrong and not ledger.failed
        rows.append(
            [
                kind,
                f"{done:,}",
                f"{imports:,}",
                f"{rulings:,}",
                str(len(ledger.failed)),
                str(len(wrong)),
                f"{ledger.readings:,}",
                seconds(took),
                seconds(ledger.longest),
            ]
        )
        for line in (*ledger.failed, *wrong):
            print(f"{kind}: {line}", file=sys.stderr)
    headings = [
        "database",
        "logged transactions",
        "imports, corrections, undoings",
        "rulings",
        "failed",
        "rows lost or odd",
        "readings that added up",
        "took",
        "longest wait and work",
    ]
    said = (
        f"{WRITERS} processes at once, each with imports of its own school and of people whom the "
        "others list too, corrections, outcomes, rulings (mostly on the same pairs), withdrawals, "
        "imports taken back, plans drawn and put in force, backups, entries in the log. Beside "
        "that every reading must add up. At the end each row of people, outcomes, rulings and log "
        "is counted against what the processes did, and the chain of the log is checked."
    )
    return Section(
        f"{WRITERS} writers at once",
        said,
        "no failed transaction, no lost row, chain intact",
        reached,
        table=table(headings, rows),
    ).text()


def _of_kills(killed: dict[str, Killed], size: int) -> str:
    rows, reached = [], True
    for kind, one in killed.items():
        reached = reached and not one.wrong
        before = one.stages["launch"] + one.stages["start"]
        deciles = sorted(min(int(10 * share), 9) for share in one.inside)
        rows.append(
            [
                kind,
                str(one.kills),
                str(before),
                f"{one.stages['begin']} (in {len(set(deciles))} of its ten parts)",
                f"{one.stages['commit']} ({one.found['commit', 'all']} came in)",
                str(one.stages["committed"] + one.stages["done"]),
                str(one.of("nothing")),
                str(one.of("all")),
                str(len(one.wrong)),
            ]
        )
        for line in one.wrong:
            print(f"{kind}: {line}", file=sys.stderr)
    headings = [
        "database",
        "kills",
        "before the transaction",
        "inside it",
        "in its commit",
        "after it",
        "nothing there",
        "all there",
        "anything else",
    ]
    cleared = max(one.longest_cleared for one in killed.values())
    said = (
        f"`uebergang import` of a list of {size:,} (new, known, gone and faulty rows) is killed by "
        "SIGKILL at random moments. Afterwards every table is compared with what it was, the "
        "database's own check and the chain of the log are run, and the same file is imported "
        "again, which must leave the complete result. PostgreSQL itself noticed that the process "
        f"was gone within {seconds(cleared)}."
    )
    return Section(
        "kill -9 in the middle of an import",
        said,
        "all of it or nothing, each time",
        reached,
        table=table(headings, rows),
    ).text()


if __name__ == "__main__":
    print(section(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS))
