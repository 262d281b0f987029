"""Which house do the attacks knock at? A real process, served as an office serves it.

Its users are made by the commands; whoever knocks speaks HTTP and the websocket of the pages, and
sends what a browser never would.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parents[2]
OWN = "drei Enten im Regen"
SCHOOL, OTHER_SCHOOL = "999001", "999002"

#: Who works there: the options of `users add`.
USERS: Mapping[str, tuple[str, ...]] = {
    "anna": ("--role", "planner"),
    "otto": ("--role", "school", "--school", SCHOOL),
    "olga": ("--role", "school", "--school", OTHER_SCHOOL),
    "cleo": ("--role", "counselor"),
    "nora": ("--role", "planner"),
}

_HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Served:
    """A front end that answers at `home`, its store, and everybody's first passwords."""

    home: str
    database: Path
    first: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.home.partition("//")[2]

    def command(self, *words: str) -> Any:
        return _command(self.database, *words)


def _command(database: Path, *words: str) -> Any:
    told = [sys.executable, "-m", "office.cli", *words, "--db", str(database), "--json"]
    answer = subprocess.run(
        told, cwd=ROOT, env=_surroundings(database), capture_output=True, check=True
    )
    return json.loads(answer.stdout)


def _surroundings(database: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("UEBERGANG")}
    return {**own, "UEBERGANG_DATA": str(database.parent), "UEBERGANG_LANG": "en"}


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve an empty store with its users until the tests are done."""
    database, log = folder / "house.db", folder / "log.txt"
    first = {
        name: str(_command(database, "users", "add", name, *told)["one_time_password"])
        for name, told in USERS.items()
    }
    port = _free_port()
    command = [sys.executable, "-m", "office.cli", "serve", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--db", str(database)],
            cwd=ROOT,
            env=_surroundings(database),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            home = f"http://127.0.0.1:{port}"
            _wait(home, process, log)
            yield Served(home, database, first)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(home: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with suppress(httpx2.HTTPError):
            if httpx2.get(f"{home}/_stcore/health").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"the house does not come up: {log.read_text()}")


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser of their own, who may send anything."""

    house: Served
    client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Origin": self.house.home, "Accept-Language": "de"}
        # No connection outlives its answer, so that nobody need close what a test leaves behind.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self.client = httpx2.Client(
            base_url=self.house.home, headers=headers, timeout=60, limits=limits
        )

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a form."""
        page = self.client.get(path, headers={"Accept": "text/html"}).text
        return {name: unescape(value) for name, value in _HIDDEN.findall(page)}

    def sign_in(self, name: str, password: str = OWN) -> httpx2.Response:
        """Fill in the form at the door."""
        told = {**self.form("/anmelden"), "name": name, "password": password}
        return self.client.post("/anmelden", data=told)

    def choose(self, password: str = OWN) -> httpx2.Response:
        """Choose a password of one's own."""
        told = {**self.form("/passwort"), "new": password, "again": password}
        return self.client.post("/passwort", data=told)

    def come_in(self, name: str) -> Visitor:
        """Sign in, for the first time with the password for one time."""
        if self.sign_in(name).status_code != 303:
            assert self.sign_in(name, self.house.first[name]).headers["location"] == "/passwort"
            assert self.choose().headers["location"] == "/"
        assert self.is_in
        return self

    @property
    def is_in(self) -> bool:
        """Whether a page opens."""
        return self.client.get("/", headers={"Accept": "text/html"}).status_code == 200

    @property
    def cookie(self) -> str:
        """All cookies, as a header."""
        return "; ".join(f"{one.name}={one.value}" for one in self.client.cookies.jar)

    @contextmanager
    def socket(self, *protocols: str, **changed: str | None) -> Iterator[Pages]:
        """The websocket of the pages; `changed` headers, `None` for none."""
        told: dict[str, str | None] = {"Cookie": self.cookie, "Origin": self.house.home}
        told |= {name.replace("_", "-"): value for name, value in changed.items()}
        headers = {name: value for name, value in told.items() if value is not None}
        with connect(
            f"{self.house.home.replace('http', 'ws', 1)}/_stcore/stream",
            additional_headers=headers,
            subprotocols=["streamlit", *protocols],  # type: ignore[list-item]
            max_size=None,
            open_timeout=30,
        ) as line:
            yield Pages(line)


@dataclass(slots=True)
class Pages:
    """An open websocket of the pages."""

    line: ClientConnection
    session: str = ""

    def open(self, page: str, query: str = "lang=de") -> list[ForwardMsg]:
        """Ask for a page by its address; all that comes until it is drawn."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self.line.send(asked.SerializeToString())
        heard: list[ForwardMsg] = []
        for message in self.hear():
            heard.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            if kind in {"script_finished", "auth_redirect"}:
                break
        return heard

    def hear(self) -> Iterator[ForwardMsg]:
        """What the pages say."""
        while True:
            yield ForwardMsg.FromString(self.line.recv(30))

    def download(self, page: str) -> str:
        """The address of the first file that a page offers."""
        asked = BackMsg()
        operation = asked.backend_operation_request
        operation.request_id, operation.session_id = "1", self.session
        operation.deferred_file.file_id = next(
            message.delta.new_element.download_button.deferred_file_id
            for message in self.open(page)
            if message.delta.new_element.WhichOneof("type") == "download_button"
        )
        operation.session_id = self.session
        self.line.send(asked.SerializeToString())
        for message in self.hear():
            if message.WhichOneof("type") == "backend_operation_response":
                return str(message.backend_operation_response.deferred_file.url)
        raise AssertionError("no address came")

    def upload_address(self, session: str | None = None) -> str:
        """Where one file may be sent to."""
        asked = BackMsg()
        asked.file_urls_request.request_id = "1"
        asked.file_urls_request.file_names.append("liste.csv")
        asked.file_urls_request.session_id = session or self.session
        self.line.send(asked.SerializeToString())
        for message in self.hear():
            if message.WhichOneof("type") == "file_urls_response":
                return str(message.file_urls_response.file_urls[0].upload_url)
        raise AssertionError("no address came")


def raw(
    house: Served,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """A request as it is written here, with nothing put in order on its way."""
    line = http.client.HTTPConnection(house.host, timeout=30)
    try:
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        told = {"Host": house.host, **(headers or {})}
        if body is not None:
            told.setdefault("Content-Length", str(len(body)))
        for name, value in told.items():
            line.putheader(name, value)
        line.endheaders(body)
        answer = line.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read()
    finally:
        line.close()


def text_of(heard: list[ForwardMsg]) -> str:
    """All that a page says."""
    return "\n".join(map(str, heard))
