"""How do the tests stand at the gate? A browser without a network, a clock, and a plain app behind.

What stands behind the gate here only tells what it was asked; the real pages are asked in
`tests.journeys`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from data.store.accounts import Grant, add_account, set_password
from data.store.opening import Store
from office import gate
from office.access import User
from office.gate import GateSettings, House
from office.passwords import hash_of

HOME = "http://127.0.0.1:8501"
PASSWORD = "vier Birnen am Kanal"
FILE = "ab" * 16
UPLOAD = "/".join(("01234567-89ab-cdef-0123-456789abcdef", "fedcba98-7654-3210-fedc-ba9876543210"))
SHELL = '<!DOCTYPE html>\n<html lang="en"><head><title>Streamlit</title></head></html>'
FAREWELL = b"\x00farewell"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **some: float) -> None:
        self.now += timedelta(**some)


@cache
def hashed(password: str = PASSWORD) -> str:
    """The hash of a password, reckoned once: it is meant to be slow."""
    return hash_of(password)


def settle_in(
    store: Store, name: str, now: datetime, *grants: Grant, one_time: bool = False
) -> None:
    """A user with the password of the tests."""
    add_account(store, name, grants or (Grant("planner"),), "test", now, hashed())
    if not one_time:
        set_password(store, name, hashed(), name, now, one_time=False)


async def _tell(request: Request) -> Response:
    """What the pages' server was asked, or its shell."""
    if request.url.path.startswith("/static/"):
        return Response("x", headers={"Cache-Control": "public, immutable"})
    if "text/html" in request.headers.get("accept", "") and request.method in {"GET", "HEAD"}:
        return HTMLResponse(SHELL, headers={"etag": '"1"', "last-modified": "yesterday"})
    await request.body()
    told = {"path": request.url.path, "headers": list(request.headers.items())}
    response = JSONResponse(told)
    response.set_cookie("theirs", "1")
    return response


async def _stream(socket: WebSocket) -> None:
    """Announces a file and an upload, then repeats what it hears."""
    await socket.accept(subprotocol="streamlit")
    keys = socket.headers.getlist(gate.HEADER)
    await socket.send_bytes("|".join(keys).encode())
    for name in (f"/media/{FILE}.xlsx", f"/media/{FILE}", f"/_stcore/upload_file/{UPLOAD}"):
        await socket.send_bytes(b"\x12" + bytes([len(name)]) + name.encode() + b"2bcd")
    try:
        while True:
            await socket.send_bytes(await socket.receive_bytes())
    except WebSocketDisconnect:
        pass


def gated(
    store: Store,
    clock: Clock,
    settings: GateSettings | None = None,
    every: float = 0.02,
    instead: Callable[[User, str, str], str | None] | None = None,
) -> Starlette:
    """A plain app behind the gate."""
    house = House(store, settings or GateSettings(), clock, FAREWELL, every, instead=instead)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    behind = [
        WebSocketRoute("/_stcore/stream", _stream),
        Route("/{path:path}", _tell, methods=methods),
    ]
    return Starlette(routes=[*gate.routes(house), *behind], middleware=gate.middleware(house))


@dataclass
class Browser:
    """Keeps cookies and sends what browsers send."""

    app: Any
    home: str = HOME
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)
    raises: bool = True

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        opens: bool = True,
    ) -> httpx2.Response:
        """One request; `opens` a page, or for a part of one. Redirects are not followed."""
        sent = {"Accept": "text/html" if opens else "*/*", "Accept-Language": "de-DE,de;q=0.9"}
        sent["Sec-Fetch-Mode"] = "navigate" if opens else "cors"
        if method not in {"GET", "HEAD"}:
            sent["Origin"] = self.home
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= headers or {}
        sent = {name: value for name, value in sent.items() if value}

        async def answered() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=self.raises)
            async with httpx2.AsyncClient(transport=transport, base_url=self.home) as client:
                return await client.request(method, self.home + path, data=form, headers=sent)

        response = asyncio.run(answered())
        self.set_cookies = response.headers.get_list("set-cookie")
        for cookie in self.set_cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            self.cookies[name] = value.strip('"')
            if "max-age=0" in cookie.lower():
                del self.cookies[name]
        return response

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a form."""
        return hidden(self.ask(path).text)

    def sign_in(self, name: str = "anna", password: str = PASSWORD, **more: str) -> httpx2.Response:
        """Fill in the form at the door."""
        told = {**self.form("/anmelden"), "name": name, "password": password, **more}
        return self.ask("/anmelden", "POST", form=told)

    @property
    def session(self) -> str | None:
        """What the session's cookie holds."""
        names = ("uebergang_session", "__Host-uebergang_session")
        return next((self.cookies[name] for name in names if name in self.cookies), None)

    @property
    def is_in(self) -> bool:
        """Whether a page opens."""
        return self.ask("/").status_code == 200


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a form, as a browser reads them."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


@dataclass
class Socket:
    """An open websocket, without a network."""

    said: asyncio.Queue[dict[str, Any]]
    heard: asyncio.Queue[dict[str, Any]]
    task: asyncio.Task[None]

    async def hear(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.heard.get(), 5)

    async def say(self, message: bytes) -> None:
        await self.said.put({"type": "websocket.receive", "bytes": message})

    async def hear_to_the_end(self) -> list[dict[str, Any]]:
        """All that comes until it is closed."""
        found = [await self.hear()]
        while found[-1]["type"] != "websocket.close":
            found.append(await self.hear())
        return found


def on_socket(
    browser: Browser,
    talk: Callable[[Socket], Awaitable[None]],
    headers: Mapping[str, str] | None = None,
) -> None:
    """Open a websocket as a browser does, and talk over it; then it is closed."""
    host = browser.home.partition("//")[2]
    told = {"host": host, "origin": browser.home}
    told["cookie"] = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    told |= headers or {}
    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "raw_path": b"/_stcore/stream",
        "query_string": b"",
        "scheme": "ws",
        "subprotocols": ["streamlit"],
        "headers": [(name.encode(), value.encode()) for name, value in told.items() if value],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8501),
    }

    async def whole() -> None:
        said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await said.put({"type": "websocket.connect"})
        task = asyncio.create_task(browser.app(scope, said.get, heard.put))
        await talk(Socket(said, heard, task))
        await said.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(task, 5)

    asyncio.run(whole())
