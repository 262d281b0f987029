"""What does the front end look like? Takes the pictures of the documents from the running pages.

`make pictures` needs chromium and the development extras; it writes `docs/pictures/`, a picture for
each page of each role, some of them in English or on a telephone too. Everybody in them is
invented. What has no picture yet stops the script, so that no page is forgotten.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from data.store.cases import Scores  # noqa: E402
from data.store.seasons import season_of  # noqa: E402
from office.access import User  # noqa: E402
from office.demo import fill  # noqa: E402
from office.demo_season import DemoDesk  # noqa: E402
from office.desk import Desk  # noqa: E402
from office.settings import Settings  # noqa: E402
from tests.journeys.browser import PHONE, WIDE, chromium  # noqa: E402
from tests.journeys.house import PASSWORD, House, served  # noqa: E402

PICTURES = Path(__file__).with_name("pictures")

#: The day that the demo's season is told up to; its seed is the demo's own.
DAY = date(2026, 11, 22)

#: A longer page is cut off below, in pixels.
LONGEST = 3200
#: How long the slowest page may take, in milliseconds.
PATIENCE = 90_000
#: No file may be larger, in bytes.
LARGEST = 250_000

Kind = Literal["de", "en", "phone"]

#: A list with a heading that is misspelt, a column that is never kept, and two faults.
LIST = (
    "Interne ID-Nummer;Nachname;Vorname;Geburtsdatun;Klasse;Postleitzahl;Wunsch 1;Religion\n"
    "8001;Abendroth;Elif;31.12.2010;10a;33330;Tischler/in;geheim\n"
    "8002;Birnbaum;Ömer;31.02.2010;10b;33330;Koch/Köchin;geheim\n"
    "8003;Clemens;Ada;14.05.2010;10b;3333;Florist/in;geheim\n"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that has a picture: its address, its name, what is done first, and in which kinds."""

    address: str
    name: str
    kinds: tuple[Kind, ...] = ("de",)
    first: Callable[[Page], None] = lambda page: None


def _hand_in(page: Page) -> None:
    content = LIST.encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "abgang-2027.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.locator(".st-key-drop_draft").wait_for()
    # Three late joiners are no reason to mark everybody else as gone.
    page.locator(".st-key-complete label").click()


def _drop(page: Page) -> None:
    """Leave the house as it was for the next picture."""
    if page.locator(".st-key-drop_draft button").count():
        page.locator(".st-key-drop_draft button").click()
        page.locator("input[type=file]").wait_for(state="attached")


def _open_pupil(page: Page) -> None:
    box = page.locator("[data-testid=stSelectbox] input").nth(1)
    box.click()
    page.keyboard.press("Enter")
    page.locator(".st-key-back_to_roll").wait_for()


def _open_person(page: Page) -> None:
    """The first of the caseload who has a wish; the plain page of one person asks to choose one."""
    for number in range(10):
        page.locator("[data-testid=stMain] [class*=st-key-open] button").nth(number).click()
        page.wait_for_url("**/person?**")
        _settle(page)
        wishes = page.get_by_role("row").filter(has=page.get_by_text(WISHES, exact=True))
        if "\N{EN DASH}" not in wishes.first.inner_text():
            return
        page.go_back()
        _settle(page)


#: How the row of somebody's wishes is headed, in either language.
WISHES = re.compile("^(Wünsche|Wishes)$")

EVERY: tuple[Kind, ...] = ("de", "en", "phone")

#: The pages of each user; the first address of each opens by itself.
TAKEN: dict[str, tuple[str, tuple[Shown, ...]]] = {
    "schule": (
        "school",
        (
            Shown("/", "upload"),
            Shown("/", "preview", EVERY, _hand_in),
            Shown("/schueler", "pupils", ("de", "phone")),
            Shown("/schueler", "pupil", ("de", "en"), _open_pupil),
            Shown("/hilfe", "help"),
        ),
    ),
    "beratung": (
        "counselor",
        (
            Shown("/", "caseload", EVERY),
            Shown("/", "person", EVERY, _open_person),
            Shown("/betriebe", "firms"),
            Shown("/doppelte", "doubles"),
        ),
    ),
    "planung": (
        "planner",
        (
            Shown("/", "target", EVERY),
            Shown("/plaene", "plans"),
            Shown("/veroeffentlichen", "publish"),
            Shown("/uebergabe", "hand-over"),
            Shown("/chancen", "chances", EVERY),
        ),
    ),
    "verwaltung": (
        "admin",
        (
            Shown("/", "users", EVERY),
            Shown("/importe", "imports"),
            Shown("/laeufe", "runs"),
            Shown("/modelle", "models"),
            Shown("/protokoll", "audit"),
            Shown("/pflege", "upkeep"),
        ),
    ),
}

#: Pages that have no picture of their own.
LEFT_OUT = frozenset({"/person"})


def take(users: list[str]) -> None:
    """Take the pictures of some users, of all where none is named."""
    PICTURES.mkdir(exist_ok=True)
    with _house() as house, chromium() as browser:
        if not users:
            _take_the_door(house, browser)
        for user in users or TAKEN:
            for kind in EVERY:
                _take_user(house, browser, user, kind)


@contextmanager
def _house() -> Iterator[House]:
    """The demo's season as an office has it, up to `DAY` whatever day it is."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_folder=Path(folder), database=str(Path(folder) / "store.db"))
        desk = DemoDesk(settings)
        fill(desk, DAY)
        desk.close()
        upkeep = Desk(settings)
        upkeep.work_in_season(season_of(DAY), User.operator("pictures"))
        # By default a counselor says first what she thinks; the picture is to show the chances.
        upkeep.set_scores(Scores.SHOWN, User.operator("beratung"))
        upkeep.close()
        with served(str(settings.database), Path(folder)) as house:
            yield house


@contextmanager
def _page(browser: Browser, kind: Kind) -> Iterator[Page]:
    """A page of somebody who was never here."""
    width, height = _screen(kind)
    context = browser.new_context(
        locale=f"{_language(kind)}-DE", viewport={"width": width, "height": height}
    )
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
    finally:
        context.close()


def _screen(kind: Kind) -> tuple[int, int]:
    return PHONE if kind == "phone" else WIDE


def _language(kind: Kind) -> str:
    return "en" if kind == "en" else "de"


def _take_the_door(house: House, browser: Browser) -> None:
    for kind in EVERY:
        with _page(browser, kind) as page:
            page.goto(house.address)
            _write(page.screenshot(), PICTURES / f"sign-in-{kind}.png")


def _take_user(house: House, browser: Browser, user: str, kind: Kind) -> None:
    role, pages = TAKEN[user]
    wanted = [one for one in pages if kind in one.kinds]
    with _page(browser, kind) as page:
        page.goto(house.address)
        page.locator("#name").fill(user)
        page.locator("#password").fill(PASSWORD)
        page.locator("form button").click()
        _settle(page)
        _check_pages(page, pages)
        for shown in wanted:
            page.goto(f"{house.address}{shown.address}?lang={_language(kind)}")
            _settle(page)
            shown.first(page)
            _settle(page)
            page.mouse.move(0, 0)
            _stretch(page, kind)
            _write(page.screenshot(), PICTURES / f"{role}-{shown.name}-{kind}.png")
            width, height = _screen(kind)
            page.set_viewport_size({"width": width, "height": height})
            _drop(page)


def _check_pages(page: Page, pages: tuple[Shown, ...]) -> None:
    """No page of the sidebar may lack its picture."""
    links = page.locator("[data-testid=stSidebarNavLink]")
    open_to = {str(one.get_attribute("href")) for one in links.all()}
    paths = {"/" + one.split("?")[0].rstrip("/").rsplit("/", 1)[-1] for one in open_to}
    lacking = {path for path in paths if ":" not in path} - {one.address for one in pages}
    assert lacking <= LEFT_OUT, f"no picture of {sorted(lacking)}"


def _settle(page: Page) -> None:
    """Wait until the page is drawn: a heading is there, and nothing runs or is stale."""
    page.locator("[data-testid=stMain] h1").first.wait_for()
    for _ in range(2):
        page.wait_for_timeout(700)
        page.wait_for_function(
            "() => !document.querySelector('[data-stale=true], [data-testid=stSpinner], "
            "[data-testid=stSkeleton]') && !document.querySelector('[data-testid=stApp]"
            "[data-test-script-state=running]')"
        )
    page.wait_for_timeout(700)


def _stretch(page: Page, kind: Kind) -> None:
    """Make the screen as high as the page, so that all of it is in the picture."""
    width, height = _screen(kind)
    size = "document.querySelector('[data-testid=stMain]').scrollHeight"
    for _ in range(2):
        height = max(height, min(LONGEST, int(page.evaluate(size))))
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        page.wait_for_timeout(700)


def _write(picture: bytes, path: Path) -> None:
    """Flat colours need no more than a palette: a third of the size."""
    with Image.open(BytesIO(picture)) as full:
        plain = full.convert("RGB")
        for colours in (256, 64, 24):
            plain.quantize(colours, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
            if path.stat().st_size <= LARGEST:
                return
    raise ValueError(f"{path.name} is too large")


if __name__ == "__main__":
    take(sys.argv[1:])
