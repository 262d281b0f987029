"""Where is the sample? An invented district, committed beside this module.

Nobody in it exists: people, firms and schools are made up by `data.sample.make` from a seed. Only
postcodes, occupations and school forms are real.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def district_folder(name: Literal["district", "scarce"] = "district") -> Path:
    """The folder of the invented district; `scarce` is the one with fewer places than people."""
    return Path(__file__).parent / name
