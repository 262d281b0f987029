"""How is the sample made? An invented district from a seed: school lists, places, a target.

`python -m data.sample.make` writes `data/sample/district` and `data/sample/scarce` anew. The same
seed makes the same bytes on every machine; what a seed makes is committed, and a test compares.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from data.sample import district_folder
from data.sample.dice import Dice
from data.sample.firms import HEADINGS as PLACE_HEADINGS
from data.sample.firms import place_list
from data.sample.people import HEADINGS, INTERESTED, REGISTERED, school_lists
from data.sample.schools import FORMS, SCHOOLS, School

#: The seeds of what is committed: the first has more places than people, the second fewer.
SEEDS = {"district": 20_261_001, "scarce": 20_261_002}
#: Training places reported from October 2020 to August 2021 in Kreis Gütersloh.
OPENINGS = 2_587
#: People a hundred openings in the scarce district, as in Bielefeld in 2025.
SCARCITY = 131
#: Firms of the district: an estimate, about four openings each.
FIRMS = 660

TARGET = """\
# Invented sample. One in three of everybody registered gets a training place.
share = "1/3"
definition = "district"
cut_off = 2027-09-30
confidence = 0.9
"""


def make_district(seed: int, scarce: bool) -> dict[str, str]:
    """The files of an invented district: name to text, as `encoding_of` says to write it.

    The same model of people in both; the scarce one has 131 people to 100 openings.
    """
    dice = Dice(seed)
    openings = round(REGISTERED * 100 / SCARCITY) if scarce else OPENINGS
    lists = school_lists(dice)
    files = {f"schools/{school.number}.csv": _list(school, lists[school]) for school in SCHOOLS}
    places = place_list(dice, FIRMS * openings // OPENINGS, openings)
    files["places.csv"] = _table(PLACE_HEADINGS, places)
    files["target.toml"] = TARGET
    files["README.md"] = _readme(seed, openings, len(places))
    return files


def encoding_of(name: str) -> str:
    """How a file of the sample is encoded: schools differ, as in life."""
    encodings = {f"schools/{school.number}.csv": school.encoding for school in SCHOOLS}
    return encodings.get(name, "utf-8")


def write(folder: Path) -> None:
    """Write both districts into a folder, `district` and `scarce`."""
    for name, seed in SEEDS.items():
        for file, text in make_district(seed, scarce=name == "scarce").items():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode(encoding_of(file)))


def _list(school: School, rows: list[dict[str, str]]) -> str:
    """A school's list; some schools put another column first."""
    headings = sorted(HEADINGS, key=lambda heading: heading != school.order)
    return _table(tuple(headings), rows)


def _table(headings: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _readme(seed: int, openings: int, places: int) -> str:
    schools = "\n".join(
        f"| {school.number} | {school.name} | {FORMS[school.form]} | {school.municipality} |"
        for school in SCHOOLS
    )
    source = (
        f"{OPENINGS:,} places were reported in Kreis Gütersloh, October 2020 to August 2021"
        if openings == OPENINGS
        else f"{SCARCITY} people to 100 openings, as in Bielefeld in 2025"
    )
    template = Path(__file__).with_name("readme_template.md").read_text(encoding="utf-8")
    return template.format(
        seed=seed,
        registered=f"{REGISTERED:,}",
        interested=INTERESTED,
        openings=f"{openings:,}",
        source=source,
        places=f"{places:,}",
        schools=schools,
    )


if __name__ == "__main__":
    write(district_folder().parent)
