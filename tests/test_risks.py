"""Is every risk held by a test that exists?"""

from __future__ import annotations

import ast
from pathlib import Path

import yaml

HOUSE = Path(__file__).parents[1]


def test_every_risk_names_tests_that_exist() -> None:
    """A measure without a test is a promise; a renamed test must not leave a risk open."""
    risks = yaml.safe_load((HOUSE / "docs/risks.yaml").read_text(encoding="utf-8"))
    assert len(risks) >= 5
    for risk in risks:
        assert {"risk", "cause", "measure", "tests", "rest"} <= set(risk)
        for test in risk["tests"]:
            file, _, name = test.partition("::")
            tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
            names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
            assert any(one.startswith("test_") for one in names)
            assert not name or name in names, test
