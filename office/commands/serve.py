"""How does the front end come up? On this machine, behind its gate; with a demo store if asked.

It listens on 127.0.0.1 alone. An office puts a proxy with TLS in front and says its address in the
file that `UEBERGANG_GATE` names.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from office.commands.door import FAULTY_INPUT, Db, Reader, at_the_door, err, out, show
from office.words import Language, say

if TYPE_CHECKING:
    from office.demo import Newcomer
    from office.gate.settings import GateSettings

#: Where it listens: on this machine and nowhere else.
HOME = "127.0.0.1"

#: The front end's own file, beside the rooms.
APP = Path(__file__).parents[2] / "app.py"

#: What must hold however the front end is started; the gate stands on the first of them.
OPTIONS: Mapping[str, object] = {
    "server.trustedUserHeaders": json.dumps({"x-uebergang-session": "session"}),
    "server.address": HOME,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 5,
    "server.enableAgentApi": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.disableDataExport": "true",
    # Python looks for garbage by itself; after every answer it takes longer than the answer.
    "runner.postScriptGC": "false",
}


def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="With an invented district that is gone afterwards.")
    ] = False,
    port: Annotated[int, typer.Option(help="Where to listen.", min=1, max=65535)] = 8501,
    db: Db = None,
) -> None:
    """Start the front end; it runs until it is stopped."""
    language = Reader.language()
    with at_the_door(language):
        from office.gate.settings import gate_settings

        told = gate_settings()  # a fault in it is told here, and not by a server that won't start
        _ask_for(port, language)
        try:
            with _demo(language) if demo else _store(db, told, language) as store:
                words = say("Open http://127.0.0.1:{port} in a browser.", language, port=str(port))
                show(out, words)
                code = run(APP, port, {"UEBERGANG_DB": store} if store else {}, language)
        except KeyboardInterrupt:
            code = 0
        show(err, say("Stopped.", language))
    raise typer.Exit(code)


def _ask_for(port: int, language: Language) -> None:
    """See whether the port is free, before anything is built for nothing."""
    with closing(socket.socket()) as asked:
        # Connections of a server that has just ended don't count; one that listens does.
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((HOME, port))
        except PermissionError:
            words = "Port {port} is not open to you: below 1024 only the system may listen."
        except OSError:
            words = "Port {port} is taken: another program listens there. Name one with --port."
        else:
            return
    show(err, say(words, language, port=str(port)))
    raise typer.Exit(FAULTY_INPUT)


def command(app: Path, port: int) -> list[str]:
    """The command line of the server."""
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    start = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}"]
    return [*start, *options]


def run(app: Path, port: int, surroundings: Mapping[str, str], language: Language) -> int:
    """Run the server until it is stopped; being stopped by hand is no failure."""
    told = {**os.environ, **surroundings}
    # What the server says of itself is English and said above; what goes wrong goes to stderr.
    # Ctrl+C is ours to take; in a group of its own the server doesn't hear it and say so.
    server = subprocess.Popen(
        command(app, port),
        env=told,
        cwd=app.parent,
        stdout=subprocess.DEVNULL,
        process_group=0,
    )
    Thread(target=_tell_when_it_runs, args=(server, port, language), daemon=True).start()
    # A service manager stops us by SIGTERM, a terminal that is closed by SIGHUP: the server must go
    # too, and the demo's folder with it.
    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(one, lambda *_: server.terminate()) for one in signals]
    try:
        code = server.wait()
        return 0 if code in {-signal.SIGTERM, -signal.SIGINT} else code
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)


def _tell_when_it_runs(server: subprocess.Popen[bytes], port: int, language: Language) -> None:
    while server.poll() is None:
        with suppress(OSError), closing(socket.create_connection((HOME, port), 1)):
            show(out, say("It runs now. Stop it with Ctrl+C.", language))
            return
        time.sleep(0.2)


@contextmanager
def _store(db: str | None, told: GateSettings, language: Language) -> Iterator[str | None]:
    """The office's store; on its first day it is said how somebody gets in."""
    from office.access import User
    from office.settings import Settings
    from office.users_desk import UsersDesk

    desk = UsersDesk(Settings(database=db) if db else Settings())
    try:
        nobody = not desk.users(User.operator("serve"))
    finally:
        desk.close()
    if nobody and told.provider is None:
        words = "Nobody can sign in yet. In another terminal: {command}"
        # The address of a database may hold a password.
        of = "" if db is None else f" --db {'URL' if '://' in db else db}"
        command = f"uebergang users add NAME --role admin{of}"
        show(err, say(words, language, command=command))
    yield db


@contextmanager
def _demo(language: Language) -> Iterator[str]:
    """A store that is gone afterwards, filled with what there is to try."""
    # Said first: what has to be read in for it takes a while too.
    show(err, say("Making an invented district; this takes a few seconds.", language))
    from office.demo import built, settle_in
    from office.settings import Settings
    from office.users_desk import UsersDesk

    with tempfile.TemporaryDirectory(prefix="uebergang-demo-") as folder:
        store = Path(folder) / "demo.db"
        settings = Settings(database=str(store))
        built(store, settings.data_folder, date.today())
        desk = UsersDesk(settings)
        try:
            newcomers = settle_in(desk)
        finally:
            desk.close()
        show(out, _words(newcomers, language))
        yield str(store)


def _words(newcomers: tuple[Newcomer, ...], language: Language) -> str:
    from office.commands.users import role_words

    title = say("Everything here is invented. Sign in with a password for one time:", language)
    lines = [
        f"  {one.name:<12}{one.password}   {role_words(one.role, language)}" for one in newcomers
    ]
    return "\n".join([title, *lines])
