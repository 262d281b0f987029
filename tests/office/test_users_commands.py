"""Can an operator take users in, change them, and shut them out, in both languages?"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.store.accounts import Account, account
from data.store.opening import open_store
from matching.errors import FaultyInput, Rule
from office import words
from office.commands import serve
from office.gate.settings import GateSettings, read_gate_settings
from office.passwords import hash_of, is_outdated, is_right, one_time_password, weakness_of
from tests.office.terminal import run, write

ROOT = Path(__file__).parents[2]

GATE = """
address = "https://uebergang.example.org"
[provider]
issuer = "https://login.example.org/realm"
client = "uebergang"
roles_claim = "realm_access.roles"
[[provider.roles]]
value = "planung"
role = "planner"
[[provider.roles]]
value = "schule-999001"
role = "school"
school = "999001"
"""


def known(db: str, name: str) -> Account | None:
    store = open_store(db)
    try:
        return account(store, name)
    finally:
        store.close()


def test_a_user_is_taken_in_with_a_password_for_one_time(kept: str) -> None:
    told = run("users", "add", "Anna", "--role", "planner", "--role", "counselor", "--db", kept)
    assert told.code == 0
    shown = told.out.partition("for one time: ")[2].split()[0]
    found = known(kept, "anna")
    assert found is not None and found.one_time and is_right(shown, found.password)
    assert shown not in run("users", "list", "--db", kept).all
    again = run("users", "add", "anna", "--role", "admin", "--db", kept)
    assert again.code == 2 and "more than once" in again.err


def test_the_password_changes_and_the_old_one_is_gone(kept: str) -> None:
    added = run("users", "add", "anna", "--role", "admin", "--db", kept, "--json")
    first = json.loads(added.out)["one_time_password"]
    second = json.loads(run("users", "password", "anna", "--db", kept, "--json").out)
    found = known(kept, "anna")
    assert found is not None and found.one_time
    assert is_right(second["one_time_password"], found.password)
    assert not is_right(first, found.password)


def test_roles_and_schools_go_together(kept: str) -> None:
    for wrong in (
        ("--role", "school"),
        ("--role", "planner", "--school", "999001"),
        ("--role", "king"),
        ("--role", "school", "--school", "1;2"),
        (),
    ):
        assert run("users", "add", "anna", *wrong, "--db", kept).code == 2
    assert known(kept, "anna") is None
    several = ("--role", "school", "--school", "999001", "--school", "999002")
    assert run("users", "add", "anna", *several, "--db", kept).code == 0
    told = json.loads(run("users", "list", "--db", kept, "--json").out)["users"]
    assert told[0]["schools"] == ["999001", "999002"] and told[0]["roles"] == ["school"]
    assert run("users", "roles", "anna", "--role", "planner", "--db", kept).code == 0
    told = json.loads(run("users", "list", "--db", kept, "--json").out)["users"]
    assert told[0]["schools"] == [] and told[0]["roles"] == ["planner"]


def test_a_user_is_switched_off_and_on(kept: str) -> None:
    run("users", "add", "anna", "--role", "admin", "--db", kept)
    assert run("users", "off", "anna", "--db", kept).code == 0
    found = known(kept, "anna")
    assert found is not None and not found.active
    assert "switched off" in run("users", "list", "--db", kept).out
    assert run("users", "on", "anna", "--db", kept).code == 0
    assert "first password" in run("users", "list", "--db", kept).out
    assert run("users", "off", "nobody", "--db", kept).code == 2


def test_the_commands_speak_german(kept: str) -> None:
    words.unsaid.clear()
    assert "Es gibt noch niemanden" in run("users", "list", "--db", kept, language="de").out
    for told in (
        ("add", "anna", "--role", "school", "--school", "999001"),
        ("add", "otto", "--role", "planner", "--role", "admin", "--role", "counselor"),
        ("roles", "otto", "--role", "counselor"),
        ("password", "anna"),
        ("off", "anna"),
        ("list",),
        ("on", "anna"),
    ):
        assert run("users", *told, "--db", kept, language="de").code == 0
    assert "Beratung" in run("users", "list", "--db", kept, language="de").out
    assert words.unsaid == set()


# Passwords ----------------------------------------------------------------------------------------


def test_a_hash_is_argon2id_and_salted() -> None:
    one, other = hash_of("drei Enten im Regen"), hash_of("drei Enten im Regen")
    assert one != other and one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_right("drei Enten im Regen", one) and not is_right("drei Enten im regen", one)
    assert not is_outdated(one) and is_outdated(one.replace("t=3", "t=1"))
    assert not is_right("x", None) and not is_right("x", "no hash")


def test_one_time_passwords_are_strong_and_clear() -> None:
    found = {one_time_password() for _ in range(200)}
    assert len(found) == 200
    assert all(len(one) == 19 and not set(one) & set("il1o0OI") for one in found)
    assert all(weakness_of(one, "anna") is None for one in found)


# The gate's settings ------------------------------------------------------------------------------


def test_settings_are_read(tmp_path: Path) -> None:
    file = write(tmp_path, gate_toml=GATE) / "gate.toml"
    found = read_gate_settings(file, "secret")
    assert found.provider is not None and found.provider.secret == "secret"
    assert "secret" not in repr(found)
    assert found.secure and found.hosts == {"uebergang.example.org"}
    assert [(one.value, one.role, one.school) for one in found.provider.roles] == [
        ("planung", "planner", None),
        ("schule-999001", "school", "999001"),
    ]
    assert not GateSettings().secure and "127.0.0.1" in GateSettings().hosts


@pytest.mark.parametrize(
    ("old", "new", "column", "rule"),
    [
        ("https://uebergang.example.org", "https://a.example/path", "address", Rule.VALUE_UNKNOWN),
        ("https://uebergang.example.org", "ftp://a.example", "address", Rule.VALUE_UNKNOWN),
        ("https://uebergang.example.org", "https://u@a.example", "address", Rule.VALUE_UNKNOWN),
        ("https://login", "http://login", "provider.issuer", Rule.VALUE_UNKNOWN),
        ('client = "uebergang"', "", "provider.client", Rule.VALUE_MISSING),
        ('role = "planner"', 'role = "king"', "provider.roles[1].role", Rule.VALUE_UNKNOWN),
        ('role = "planner"', "role = []", "provider.roles[1].role", Rule.VALUE_UNKNOWN),
        ('school = "999001"', "", "provider.roles[2].school", Rule.VALUE_MISSING),
        ('value = "planung"', "", "provider.roles[1].value", Rule.VALUE_MISSING),
        ('roles_claim = "realm_access.roles"', "roles_claim = 1", "provider.roles_claim",
         Rule.VALUE_UNKNOWN),
        ("address", "adress", "adress", Rule.KEY_UNKNOWN),
        ("[provider]", '[provider]\nsecret = "x"', "provider.secret", Rule.KEY_UNKNOWN),
    ],
)  # fmt: skip
def test_a_fault_in_the_settings_is_named(
    tmp_path: Path, old: str, new: str, column: str, rule: Rule
) -> None:
    """A secret does not belong into the file: even that is a fault."""
    assert old in GATE
    file = write(tmp_path, gate_toml=GATE.replace(old, new)) / "gate.toml"
    with pytest.raises(FaultyInput) as refused:
        read_gate_settings(file)
    assert [(one.column, one.rule) for one in refused.value.faults] == [(column, rule)]


@pytest.mark.parametrize(
    "text", ["provider = 1", "passwords = false", "address = [", "passwords = 1"]
)
def test_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, gate_toml=text) / "gate.toml"
    with pytest.raises(FaultyInput):
        read_gate_settings(file)
    with pytest.raises(FaultyInput):
        read_gate_settings(tmp_path / "none.toml")


def test_serving_stops_before_it_begins_where_the_settings_are_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_GATE", str(tmp_path / "none.toml"))
    answer = run("serve", "--port", 1)
    assert answer.code == 2 and "no such file" in answer.err


# Serving ------------------------------------------------------------------------------------------


def test_the_server_listens_here_alone_and_trusts_the_gates_header() -> None:
    told = serve.command(serve.APP, 8555)
    assert serve.APP.name == "app.py" and serve.APP.exists()
    assert "--server.address=127.0.0.1" in told and "--server.port=8555" in told
    assert '--server.trustedUserHeaders={"x-uebergang-session": "session"}' in told
    assert "--client.showErrorDetails=none" in told


def test_a_demo_has_a_user_for_each_role_and_leaves_nothing(tmp_path: Path) -> None:
    """With a server that only waits, and nobody in the district: `test_demo` fills it.

    It is stopped as a service manager stops it.
    """
    surroundings = {**os.environ, "TMPDIR": str(tmp_path), "UEBERGANG_LANG": "en"}
    waits = "import sys, time; from office.commands import serve\n"
    waits += "serve.command = lambda *_: [sys.executable, '-c', 'import time; time.sleep(60)']\n"
    waits += "from office import demo; demo.built = lambda *_: None\n"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waits += f"from office.cli import app; app(['serve', '--demo', '--port', '{port}'])"
    demo = subprocess.Popen(
        [sys.executable, "-c", waits], cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    lines = [demo.stdout.readline() for _ in range(6)]
    names = [line.split()[0] for line in lines[1:5]]
    assert names == ["schule", "beratung", "planung", "verwaltung"]
    assert "Everything here is invented" in lines[0] and f"127.0.0.1:{port}" in lines[5]
    (folder,) = tmp_path.glob("uebergang-demo-*")
    found = known(str(folder / "demo.db"), "planung")
    assert found is not None and is_right(lines[3].split()[1], found.password)
    time.sleep(0.3)
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(20) == 0
    demo.stdout.close()
    assert list(tmp_path.glob("uebergang-demo-*")) == []
