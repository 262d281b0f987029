"""Is every figure of a `result.json` recounted, and no broken one believed?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.office.terminal import Told, change_result, verify

#: What a result tells that pairs, openings, plan and prices can't recount.
NOT_RECOUNTED = (
    "seconds",
    "versions",
    "solver",
    "flows",
    "invented",
    "curve",
    "dropped_columns",
    "files",
    "target.definition",
    "target.cut_off",
)


def leaves(told: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where every figure of a result stands."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from leaves(value, (*path, name))
    else:
        yield path


def falsified(value: object) -> list[object]:
    """What somebody might write instead."""
    if isinstance(value, bool):
        return [not value, 1 - int(value), None]
    if isinstance(value, int | float):
        other = value + 1 if isinstance(value, int) else value * 1.001 + 1e-6
        return [other, "many", float("nan")]
    if isinstance(value, list):
        return ["s000001", 7, [{}]]
    return [f"{value}0", None, 7, {}]


@pytest.mark.parametrize("of", ["out", "served"])
def test_every_figure_of_a_result_that_was_changed(folder: Path, of: str) -> None:
    """With the prices at hand no figure can be changed, but for those named above."""
    path = folder / of / "result.json"
    honest = path.read_text()
    prices = ("--prices", folder / of)
    for *above, name in leaves(json.loads(honest)):
        if ".".join([*above, name]).startswith(NOT_RECOUNTED):
            continue
        told = json.loads(honest)
        home = told
        for part in above:
            home = home[part]
        # Every kind of lie once is enough; the served plan gets the plausible ones.
        for value in falsified(home[name])[: None if of == "out" else 1]:
            home[name] = value
            path.write_text(json.dumps(told))
            answer = verify(folder, *prices, of=of)
            assert answer.code in {1, 2}, (above, name, value, answer.out)
            assert "result.json" in answer.err if answer.code == 2 else "[" in answer.err


@pytest.mark.parametrize("of", ["out", "served"])
def test_figures_that_show_without_prices(folder: Path, of: str) -> None:
    """Without the prices a bound may be claimed, but only one that fits plan and gap."""
    path = folder / of / "result.json"
    honest = path.read_text()
    for name in ("placed", "expected", "wishes", "bound", "gap", "pairs", "openings", "places"):
        told = json.loads(honest)
        told[name] += 1
        path.write_text(json.dumps(told))
        assert verify(folder, of=of).code == 1, name


@pytest.mark.parametrize("of", ["out", "served"])
def test_keys_of_a_result_that_are_missing(folder: Path, of: str) -> None:
    """What is missing is no figure as recounted; only lists of nothing may be left out."""
    path = folder / of / "result.json"
    honest = path.read_text()
    for *above, name in leaves(json.loads(honest)):
        if ".".join([*above, name]).startswith((*NOT_RECOUNTED, "pins", "held", "target.spread")):
            continue
        told = json.loads(honest)
        home = told
        for part in above:
            home = home[part]
        del home[name]
        path.write_text(json.dumps(told))
        assert verify(folder, "--prices", folder / of, of=of).code in {1, 2}, (above, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"x"',
        "{}",
        '{"status": "impossible"}',
        "[" * 100_000,
        '{"target": []}',
        b"\xff\xfe{}",
        '{"target": {"share": "1/3", "base": 1e999}}',
        '{"target": {"share": "5/3", "base": 3, "placed": 0, "confidence": 0.9}}',
    ],
)
def test_a_result_that_can_not_be_read(folder: Path, text: str | bytes) -> None:
    content = text.encode() if isinstance(text, str) else text
    (folder / "out/result.json").write_bytes(content)
    answer = verify(folder, "--prices", folder / "out")
    assert answer.code == 2 and "out/result.json" in answer.err


def test_a_result_that_is_a_folder(folder: Path) -> None:
    (folder / "out/result.json").unlink()
    (folder / "out/result.json").mkdir()
    assert verify(folder).code == 2


def lie_about_the_aim(told: Told) -> None:
    """With a multiplier below 0 the prices would bound nothing."""
    told["aim"] = {"maximised": "wishes", "multiplier": -1.0, "min_expected": 0.0}


@pytest.mark.parametrize(
    "lie",
    [
        lie_about_the_aim,
        lambda told: told["aim"].update(maximised="wishes", multiplier=0.0, min_expected=0.0),
        lambda told: told["aim"].update(maximised="happiness"),
        lambda told: told.update(gap=0.5),
        lambda told: told.update(gap=0.5, held_back=["s000001"]),
        lambda told: told.update(held_back=["nobody"]),
        lambda told: told.update(status="feasible"),
        lambda told: told.update(pins=[{"seeker": "s000001", "place": "p000001", "bond": "ban"}]),
        lambda told: told.update(pins=[{"seeker": "nobody", "place": "p000001", "bond": "ban"}]),
        lambda told: told.update(pins=[{"seeker": "nobody", "place": "p000001", "bond": "pin"}]),
        lambda told: told.update(seekers=99, seekers_without_pair=39),
        lambda told: told.update(seekers=59, seekers_without_pair=-1),
    ],
)
def test_a_result_that_lies_cleverly(folder: Path, lie: Callable[[Told], object]) -> None:
    change_result(folder / "out/result.json", lie)
    assert verify(folder, "--prices", folder / "out").code in {1, 2}


@pytest.mark.parametrize(
    "lie",
    [
        lambda told: told["aim"].update(multiplier=told["aim"]["multiplier"] * 2),
        lambda told: told["aim"].update(min_expected=told["aim"]["min_expected"] * 0.9),
        lambda told: told["aim"].update(min_expected=1e6),
        lambda told: told["aim"].update(min_expected=float("nan")),
        lambda told: told.update(aim={"maximised": "expected"}),
        lambda told: told.update(gap=0.9),
        lambda told: told.update(gap=0.0, status="optimal"),
    ],
)
def test_a_result_that_lies_about_wishes(folder: Path, lie: Callable[[Told], object]) -> None:
    before = json.loads((folder / "served/result.json").read_text())
    change_result(folder / "served/result.json", lie)
    after = json.loads((folder / "served/result.json").read_text())
    assert str(after) != str(before)
    assert verify(folder, "--prices", folder / "served", of="served").code in {1, 2}
