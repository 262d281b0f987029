"""How does the results page read? Sections with a target, what was reached, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: what was measured, what it should reach and whether it did.

    `reached` is `None` where nothing was measured that the target speaks of.
    """

    title: str
    said: str
    target: str | None = None
    reached: bool | None = None
    found: str = ""
    table: str = ""

    def text(self) -> str:
        """The section as Markdown."""
        parts = [f"## {self.title}", self.said]
        if self.target is not None:
            verdict = {True: "**Reached**", False: "**Not reached**", None: "Not measured"}
            found = f" ({self.found})" if self.found else ""
            parts.append(f"Target: {self.target}. {verdict[self.reached]}{found}.")
        return "\n\n".join([*parts, self.table]).strip()


def page(date: str, machine: Sequence[str], notes: str, sections: Iterable[Section]) -> str:
    """The whole page as Markdown."""
    facts = "\n".join(f"- {fact}" for fact in machine)
    body = "\n\n".join(section.text() for section in sections)
    return f"# Measured on {date}\n\n{facts}\n\n{notes}\n\n{body}\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first stand to the right."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    lines = [headings, rule, *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def seconds(value: float) -> str:
    """Seconds or milliseconds, with two or three digits that matter."""
    if value < 1:
        return f"{1000 * value:.0f} ms" if value >= 0.01 else f"{1000 * value:.1f} ms"
    return f"{value:.0f} s" if value >= 100 else f"{value:.1f} s"


def ratios(values: Sequence[float], digits: int = 2) -> str:
    """The middle of the ratios, and how far they spread where there are several."""
    middle, least, most = (f"{of(values):.{digits}f}" for of in (median, min, max))
    return middle if len(values) == 1 else f"{middle} ({least} to {most})"


def gb(value: float | None) -> str:
    """Memory in GB."""
    return "?" if value is None else f"{value:.2f} GB"


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return f"{100 * value:.{digits}f} %"
