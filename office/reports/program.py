"""How did the reader call the program? So that a line that is copied finds it again."""

from __future__ import annotations

import sys
from pathlib import Path


def program() -> str:
    """The name or path by which the program was called."""
    return sys.argv[0] if Path(sys.argv[0]).name == "uebergang" else "uebergang"
