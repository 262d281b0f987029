"""Is everything that the tests need named where they are installed from?"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN = {"matching", "models", "data", "office", "views", "app", "tests", "benchmarks", "docs"}


def imported(folder: str) -> set[str]:
    """The names of whatever a folder imports."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def test_what_the_tests_import_is_named() -> None:
    """What comes along with something else today may not come along tomorrow."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*told["dependencies"], *told["optional-dependencies"]["dev"]]
    named = {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in lines}
    owners = packages_distributions()
    lacking = {
        name
        for name in imported("tests")
        if not named & {one.lower().replace("_", "-") for one in owners.get(name, ())}
    }
    assert lacking == set()
