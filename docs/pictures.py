"""What does the front end look like? Takes the pictures of the documents from the running pages.

`python docs/pictures.py` needs chromium and the development extras; it writes `docs/pictures/`.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.browser import opened, running  # noqa: E402

PICTURES = Path(__file__).with_name("pictures")

#: Name, language, width in pixels.
TAKEN = (("plan-de", "de", 1280), ("plan-en", "en", 1280), ("plan-phone", "de", 390))


def take() -> None:
    """Take every picture, the whole page each."""
    PICTURES.mkdir(exist_ok=True)
    with running() as address, opened() as browser:
        for name, language, width in TAKEN:
            page = browser.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{address}/?lang={language}")
            page.get_by_test_id("stCode").wait_for()
            page.wait_for_timeout(1500)
            height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(1500)
            _write(page.screenshot(), PICTURES / f"{name}.png")
            page.close()


def _write(picture: bytes, path: Path) -> None:
    """Flat colours need no more than a palette of 256: a third of the size."""
    with Image.open(BytesIO(picture)) as full:
        full.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


if __name__ == "__main__":
    take()
