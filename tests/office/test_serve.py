"""Does `serve` say in plain words what is the matter, before it starts anything?"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from office.access import Role, User
from office.commands import serve
from office.gate.settings import GateSettings
from office.settings import Settings
from office.users_desk import UsersDesk
from tests.office.terminal import Run, run

#: A server that is up at once and ends by itself.
BRIEF = (
    "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])));"
    "print('English words'); s.settimeout(5); s.accept(); time.sleep(0.5)"
)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    return int(number)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [sys.executable, "-c", BRIEF]
    monkeypatch.setattr(serve, "command", lambda app, port: [*told, str(port)])


def served(*more: str | int) -> Run:
    return run("serve", *more, language="de")


@pytest.mark.parametrize("more", [(), ("--demo",)])
def test_a_taken_port_is_told_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        answer = served("--db", str(tmp_path / "store.db"), "--port", number, *more)
    assert answer.code == 2
    assert f"Port {number} ist belegt" in answer.err and "erfunden" not in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("brief")
def test_on_the_first_day_it_says_how_somebody_gets_in(tmp_path: Path, port: int) -> None:
    store = str(tmp_path / "store.db")
    answer = served("--db", store, "--port", port)
    assert answer.code == 0
    asked = f"uebergang users add NAME --role admin --db {store}"
    assert asked in " ".join(answer.err.split())
    desk = UsersDesk(Settings(database=store))
    desk.add_user("vera", [Role.ADMIN], User.operator("test"))
    desk.close()
    again = served("--db", store, "--port", port)
    assert "users add" not in again.err and "Angehalten." in again.err


@pytest.mark.usefixtures("brief")
def test_it_says_when_it_runs_in_the_readers_language_alone(
    tmp_path: Path, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the server prints of itself goes past `run`, straight to the terminal."""
    answer = served("--db", str(tmp_path / "store.db"), "--port", port)
    assert f"Öffnen Sie http://127.0.0.1:{port}" in answer.out and "Es läuft jetzt." in answer.out
    assert "English words" not in capfd.readouterr().out


def test_a_password_in_a_database_address_is_not_said_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(UsersDesk, "users", lambda *_: ())
    said: list[str] = []
    monkeypatch.setattr(serve, "show", lambda _, words: said.append(words))
    with serve._store("postgresql://office:secret@localhost/u", GateSettings(), "de"):
        pass
    assert said and "secret" not in said[0] and "--db URL" in said[0]
