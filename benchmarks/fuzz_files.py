"""Does any file bring any reader down? Every reader, followed by atheris or fed with mutations.

    python -m benchmarks.fuzz_files [READER] [SECONDS]

Without READER each has its turn, SECONDS long (10 without a number). A reader may refuse, and only
by `FaultyInput`; every row is a record or waits. `atheris`, which is no dependency of the product,
follows the branches that an input took; without it the seeds are mutated blindly, always alike.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

try:
    import atheris
except ImportError:
    atheris = None

# Only what is imported under this watch tells the fuzzer which branches an input took.
with atheris.instrument_imports(include=["data", "benchmarks"]) if atheris else nullcontext():
    import pandas as pd

    from benchmarks import fuzz_offers, fuzz_readers
    from data.intake.columns import read_mapping
    from data.intake.openings import read_openings
    from data.intake.outcomes import read_outcomes
    from data.intake.pairs import read_pairs
    from data.intake.pins import read_pins
    from data.intake.place_list import read_place_list
    from data.intake.plan_file import read_plan
    from data.intake.pupil_rows import PUPIL_WORDS
    from data.intake.reading import Upload
    from data.intake.target_file import read_target
    from data.intake.travel_times import read_travel_times
    from data.reference.kldb import import_kldb
    from matching.errors import FaultyInput

#: One input may take so long, in seconds; the longest seen takes a tenth of it.
LONGEST = 10
MOST_BYTES = 8_192

Entry = Callable[[bytes], object]

#: What stands between, around and instead of things in files of these kinds.
_WORDS = (
    b";", b",", b"\t", b"|", b'"', b"\n", b"\r\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfc",
    b"=1+1", b"-1", b"1e999", b"nan", b"31.12.2010", b"33330", b"\x1b[2J", b"[", b"]", b"{", b"}",
    b"null", b"true", b"<", b">", b"&amp;", b"<!DOCTYPE x>", b"PK\x03\x04", b"PAR1", b"'", b"#",
)  # fmt: skip

KAOA = b'{"schueler": [{"id": 7, "kaoa": [{"id": 1, "idMerkmal": 69, "idAnschlussoption": 30}]}]}'
_TARGET = b'share = "1/3"\nconfidence = 0.9\n'
_KLDB = "code;level;title;short_title\n29302;5;Berufe Köche;Köche\n".encode()


def _upload(read: Callable[[Upload], object]) -> Entry:
    return lambda content: read(Upload("fuzz", content))


def _outcomes(content: bytes) -> None:
    found = read_outcomes(Upload("kaoa.json", content), "1")
    assert found.rows == len(found.records) + len(found.waiting)


def _classification(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "kldb.csv"
        file.write_bytes(content)
        import_kldb(file, Path(folder) / "to")


def _parquet(content: bytes) -> None:
    read_pairs(Upload("pairs.parquet", content))
    read_outcomes(Upload("list.parquet", content))


def _parquet_seed() -> bytes:
    file = BytesIO()
    table = {"seeker": ["a"], "place": ["x"], "chance": [0.5], "outcome": ["EQ"]}
    pd.DataFrame(table).to_parquet(file, index=False)
    return file.getvalue()


#: Each reader that no other harness has, and a file that it reads.
READERS: dict[str, tuple[Entry, bytes]] = {
    "kaoa": (_outcomes, KAOA),
    "mapping": (
        _upload(lambda file: read_mapping(file, PUPIL_WORDS.fields)),
        b'[mapping]\n"Familienname" = "surname"\n"Bemerkung" = ""\n',
    ),
    "target": (_upload(read_target), _TARGET),
    "pins": (_upload(read_pins), b"seeker,place,bond\na,x,pin\nb,x,ban\n"),
    "ways": (_upload(read_travel_times), b"home,site,minutes\n33330,33332,12\n"),
    "pairs": (_upload(read_pairs), b"seeker,place,chance,wish\na,x,0.5,1\n"),
    "openings": (_upload(read_openings), b"place,openings\nx,1\n"),
    "plan": (_upload(read_plan), b"seeker,place,chance\na,x,0.5\n"),
    "places": (
        _upload(read_place_list),
        "place;title;kldb;postcode;openings\n1;Koch/Köchin;29302;33330;2\n".encode(),
    ),
    "classification": (_classification, _KLDB),
    "parquet": (_parquet, _parquet_seed()),
}


def entries() -> dict[str, tuple[Entry, tuple[bytes, ...]]]:
    """Every reader with the files that its fuzzing begins with."""
    every: dict[str, tuple[Entry, tuple[bytes, ...]]] = {**fuzz_readers.READERS}
    for name, start in fuzz_offers.STARTS.items():
        every[name] = (fuzz_offers.entry(name), (start or b"{}",))
    return every | {name: (entry, (seed,)) for name, (entry, seed) in READERS.items()}


def tried(name: str) -> Entry:
    """The reader of this name; a refusal is no defect."""
    entry, _ = entries()[name]

    def once(content: bytes) -> None:
        with suppress(FaultyInput):
            entry(content)

    return once


def mutations(seeds: tuple[bytes, ...], random: Random) -> Iterator[bytes]:
    """Files like the seeds, without end: bytes changed, parts cut out, doubled or put in."""
    while True:
        content = bytearray(random.choice(seeds))
        for _ in range(random.randint(1, 6)):
            at = random.randint(0, len(content))
            to = min(len(content), at + random.randint(0, 40))
            match random.randrange(4):
                case 0:
                    content[at:at] = random.choice(_WORDS)
                case 1:
                    del content[at:to]
                case 2:
                    content[at:at] = content[at:to] * random.randint(1, 5)
                case _:
                    content[at : at + 1] = bytes([random.randrange(256)])
        yield bytes(content[:MOST_BYTES])


def blindly(name: str, seconds: float, seed: int = 0) -> int:
    """Feed a reader with mutations; how many. An input that brings it down is named in hex."""
    once, (_, seeds) = tried(name), entries()[name]
    began, count = perf_counter(), 0
    for content in mutations(seeds, Random(seed)):
        before = perf_counter()
        try:
            once(content)
        except Exception as defect:
            raise AssertionError(f"{name}: {content.hex()}") from defect
        count += 1
        if perf_counter() - before > LONGEST:
            raise AssertionError(f"{name} took too long: {content.hex()}")
        if perf_counter() - began >= seconds:
            break
    return count


def followed(name: str, seconds: int) -> None:
    """Let atheris look for branches; it ends this process."""
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(entries()[name][1]):
            (Path(corpus) / str(number)).write_bytes(seed)
        limits = [f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", f"-timeout={LONGEST}"]
        atheris.Setup([sys.argv[0], *limits, corpus], tried(name))
        atheris.Fuzz()


def main() -> None:
    """Fuzz one reader in this process, or each in a process of its own."""
    words = sys.argv[1:]
    seconds = int(words.pop()) if words and words[-1].isdigit() else 10
    if not words:
        for name in entries():
            command = [sys.executable, "-m", "benchmarks.fuzz_files", name, str(seconds)]
            subprocess.run(command, check=True)
    elif atheris is not None:
        followed(words[0], seconds)
    else:
        print(f"{words[0]}: {blindly(words[0], seconds)} files, without atheris")


if __name__ == "__main__":
    main()
