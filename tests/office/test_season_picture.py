"""Are a person's places laid out once for one state of a season, and never shown of another?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from office import season_picture
from office.season_picture import Picture

NOTHING: Any = None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What was laid out, in its order; each time another sheet comes out."""
    found: list[tuple[str, bool]] = []

    def lay_out(*given: Any, scoring: bool, **more: Any) -> object:
        found.append((given[-1], scoring))
        return object()

    monkeypatch.setattr(season_picture, "sheet", lay_out)
    return found


def picture() -> Picture:
    return Picture("mark", NOTHING, NOTHING, NOTHING, datetime.now(UTC))


def test_what_is_done_on_a_page_lays_nothing_out_again(asked: list[tuple[str, bool]]) -> None:
    now = picture()
    assert now.sheet("one", True) is now.sheet("one", True)
    assert asked == [("one", True)]


def test_a_sheet_is_never_anothers(asked: list[tuple[str, bool]]) -> None:
    """Neither of another person nor with chances for whoever wants none, nor of another state."""
    now, then = picture(), picture()
    sheets = [now.sheet("one", True), now.sheet("one", False), now.sheet("two", True)]
    sheets.append(then.sheet("one", True))
    assert len({id(one) for one in sheets}) == 4


def test_only_the_last_few_are_kept(asked: list[tuple[str, bool]]) -> None:
    """Each holds thousands of places."""
    now = picture()
    for number in range(20):
        now.sheet(str(number), True)
    before = len(asked)
    now.sheet("19", True)
    assert len(asked) == before
    now.sheet("0", True)
    assert len(asked) == before + 1
