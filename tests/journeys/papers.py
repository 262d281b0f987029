"""What does a paper say, and can it be read aloud? PDF files that the pages hand out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from pypdf import PdfReader


def taken(page: Page, name: str, folder: Path) -> Path:
    """A file that the page hands out by the button of that name."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=name).click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def read_aloud(file: Path) -> str:
    """The words of a PDF file, which must be tagged and name its language."""
    paper = PdfReader(file)
    root: Any = paper.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/StructTreeRoot"]["/K"] and root["/Lang"].startswith("de")
    return " ".join(" ".join(one.extract_text() for one in paper.pages).split())
