"""Does the README tell the truth?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[1]
README = (HOUSE / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs() -> None:
    """A newcomer's first try must print what the README says it prints."""
    part = README.split("## From Python")[1].split("##")[0]
    code = "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE, check=True
    )
    assert ran.stdout.splitlines() == [
        "1.00 of at most 1.00",
        "chance of one in three: 0.76",
        "True",
    ]


def test_every_link_leads_somewhere() -> None:
    pages = [HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *(HOUSE / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("https://") or (page.parent / link).exists(), (page, link)


def test_every_make_target_named_exists() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    for page in (README, (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"(?:`|    )make ([a-z]+)\b", page):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_no_placeholder_is_left() -> None:
    for page in [HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *(HOUSE / "docs").glob("*.md")]:
        assert "@@" not in page.read_text(encoding="utf-8"), page


def test_the_output_shown_is_what_the_demo_prints(tmp_path: Path) -> None:
    """The figures of the README are those of today's code."""
    ran = subprocess.run(
        [sys.executable, "-m", "office.cli", "--lang", "en", "demo", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=HOUSE,
        check=True,
    )
    shown = [line.strip() for line in README.splitlines()]
    for line in ran.stdout.splitlines():
        if str(tmp_path) not in line:
            assert line.strip() in shown
