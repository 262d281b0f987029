"""Do `train` and `chances` do what they say, and refuse in words what can't be learned from?

The histories here are invented: a few hundred proposals of one number, a flag and a word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io

from models.declaration import declaration_of
from models.seasons import begins
from office import pair_chances, words
from office.learning_tables import read_history, read_model, read_table
from tests.office.terminal import Run, run

FEATURES = {"way": ("number", "down"), "asked": ("flag", "none"), "field": ("category", "none")}

TOML = """[table]
outcome = "started"
season = "season"
person = "person"
firm = "firm"
"""


def declared(**more: str) -> str:
    """A declaration of the three features and one that is the same in every row."""
    features = {**FEATURES, "same": ("number", "none")}
    texts = [
        f'[[feature]]\nname = "{name}"\nkind = "{kind}"\ndirection = "{direction}"\n'
        f'known = "{more.get(name, "proposal")}"\nwhy = "for a | test"\n'
        for name, (kind, direction) in features.items()
    ]
    return TOML + "\n".join(texts)


def past(rows: int = 400) -> pd.DataFrame:
    """An invented history of three seasons: short ways start more often."""
    random = np.random.Generator(np.random.PCG64(5))
    way = np.round(random.uniform(5, 95, rows), 1)
    started = (random.random(rows) < 0.9 - way / 120).astype(float)
    started[random.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "started": started,
            "season": 2022 + np.arange(rows) * 3 // rows,
            "person": [f"p{number // 2}" for number in range(rows)],
            "firm": [f"f{number % 40}" for number in range(rows)],
            "way": np.where(random.random(rows) < 0.03, np.nan, way),
            "asked": random.integers(0, 2, rows),
            "field": random.choice(["01", "2", "wood"], rows),
            "same": 3,
            "invented": True,
        }
    )


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A model learned by the command, and what the command said."""
    folder = tmp_path_factory.mktemp("learned")
    past().to_csv(folder / "past.csv", index=False)
    (folder / "mine.toml").write_text(declared())
    words.unsaid.clear()
    return folder / "kept.model", trained(folder, "--out", folder / "kept.model", language="de")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a history and its declaration."""
    past().to_csv(tmp_path / "past.csv", index=False)
    (tmp_path / "mine.toml").write_text(declared())
    return tmp_path


def trained(folder: Path, *more: object, language: str = "en") -> Run:
    given = (folder / "past.csv", "--declaration", folder / "mine.toml", "--made", "2026-11-22")
    out = () if "--out" in more else ("--out", folder / "new.model")
    return run("train", *given, *out, *more, language=language)


def pairs_of(rows: int = 30) -> pd.DataFrame:
    """Pairs to tell chances of; two of them hold what no history showed."""
    table = past(rows).drop(columns=["started", "season", "person", "invented"])
    table["field"] = ["steel", *table["field"][1:]]
    table["way"] = [table["way"][0], 500.0, *table["way"][2:]]
    table.insert(0, "seeker", [f"{number:03}" for number in range(rows)])
    return table


def told(model: Path, folder: Path, *more: object, language: str = "en") -> Run:
    out = () if "--out" in more else ("--out", folder / "told.csv")
    return run("chances", model, folder / "pairs.csv", *out, *more, language=language)


def assert_refused(answer: Run, folder: Path, *parts: str) -> None:
    """Exit 2, every part said, and no file but those that were there."""
    assert answer.code == 2, answer.all
    for part in parts:
        assert part in answer.err, (part, answer.err)
    left = {path.name for path in folder.iterdir()} - {"past.csv", "mine.toml", "pairs.csv"}
    assert left <= {"other.model"}, left


# Learning


def test_a_model_its_card_and_a_page_are_written(learned: tuple[Path, Run]) -> None:
    model, answer = learned
    assert answer.code == 0, answer.all
    content = model.read_bytes()
    card = json.loads(model.with_name("kept.model.card.json").read_text())
    assert card["model"] == hashlib.sha256(content).hexdigest()
    assert (card["rows"], card["made"], card["invented"]) == (400, "2026-11-22", True)
    assert card["constant"] == ["same"]
    assert set(card["ahead"]) == {"2023", "2024"}
    assert sum(one["rows"] for one in card["seasons"].values()) == 400
    assert read_model(model).columns == ("way", "asked", "field", "same")
    assert sorted(path.suffix for path in model.parent.iterdir()) == [
        *(".csv", ".json", ".md", ".model", ".toml")
    ]


def test_the_page_and_the_terminal_say_it_in_the_readers_language(
    learned: tuple[Path, Run],
) -> None:
    model, answer = learned
    page = model.with_name("kept.model.card.md").read_text()
    for part in ("Die Vergangenheit ist erfunden", "22. November 2026", "400 Vorschlägen"):
        assert part in answer.out and part in page
    assert "Kalibrierungs" in answer.out and "kept.model.card.md" in answer.err
    assert "In jeder Zeile gleich, so dass nichts daraus gelernt wird: same" in answer.out
    for part in ("# Steckbrief", "## Datenblatt", "## Grenzen", "`way`", "for a \\| test"):
        assert part in page
    assert words.unsaid == set()


def test_nothing_is_replaced_unasked(folder: Path) -> None:
    for name in ("new.model", "new.model.card.json", "new.model.card.md"):
        (folder / name).write_text("mine")
        answer = trained(folder)
        assert answer.code == 2 and f"{folder / name} [file_there]" in answer.err
        answer = trained(folder, "--json", language="de")
        assert json.loads(answer.out)["refused"].startswith("Schon vorhanden")
        assert (folder / name).read_text() == "mine"
        (folder / name).unlink()
    answer = trained(folder, "--out", folder / "past.csv", "--force")
    assert_refused(answer, folder, "past.csv", "[file_would_be_lost]")


def without(name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.drop(columns=name)


def given(**columns: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(**columns)


def leaking(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(way=table["started"].fillna(0) * 2 + 1)


def spoiled(name: str, row: int, cell: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table[name] = table[name].astype(object)
        table.loc[row, name] = cell
        return table

    return spoil


@pytest.mark.parametrize(
    ("change", "english", "german"),
    [
        (given(started=1), "[one_class]", "Alle bekannten Ergebnisse sind gleich"),
        (given(started=np.nan), "[one_class]", "0 haben begonnen, 0 nicht"),
        (lambda table: table.head(5), "[too_few]", "Zu wenig, um daraus zu lernen"),
        (lambda table: table.head(0), "[no_rows]", "Überschriften"),
        (without("way"), "column way: This column is missing.", "Diese Spalte fehlt."),
        (without("started"), "column started: This column is missing.", "Diese Spalte fehlt."),
        (without("firm"), "column firm: This column is missing.", "Diese Spalte fehlt."),
        (given(started=2), "“2”: An outcome is 1", "Ein Ergebnis ist 1 (begonnen)"),
        (given(season=[*[2025] * 200, *[2027] * 200]), "column season, “2027”", "jahr hat"),
        (given(season="winter 2027/28"), "“winter 2027/28”", "noch nicht begonnen"),
        (spoiled("season", 7, ""), "[season_unknown]", "Manche Zeilen nennen kein Ausbildungsjahr"),
        (leaking, "column way: This column, or where", "verrät das Ergebnis"),
        (spoiled("way", 11, "far"), "row 13, column way, “far”", "Zeile 13, Spalte way, “far”"),
        (spoiled("asked", 2, "perhaps"), "row 4, column asked, “perhaps”", "[value_unknown]"),
    ],
)
def test_histories_that_teach_nothing(
    folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame], english: str, german: str
) -> None:
    words.unsaid.clear()
    change(past()).to_csv(folder / "past.csv", index=False)
    assert_refused(trained(folder), folder, "past.csv", english)
    assert_refused(trained(folder, language="de"), folder, "past.csv", german)
    assert words.unsaid == set()


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [
        (declared(way="outcome"), "way, key known, “outcome”: This is known only", "Das ist erst"),
        (declared().replace('"way"', '"Geburtsland"'), "[trait_protected]", "geschützten Merkmal"),
        (declared().replace('"way"', '"sex"'), "column sex: The name speaks of", "Daraus wird nie"),
        (declared().replace('"way"', '"firm"'), "[name_twice]", "nicht zweierlei sein"),
        ("[[feature", "[unreadable]", "kein gültiges TOML"),
        (TOML, "[no_features]", "nennt kein Merkmal"),
        ("\0", "[unreadable]", "kein gültiges TOML"),
    ],
)
def test_declarations_that_forbid_learning(
    folder: Path, text: str, english: str, german: str
) -> None:
    (folder / "mine.toml").write_text(text)
    assert_refused(trained(folder), folder, "mine.toml", english)
    assert_refused(trained(folder, language="de"), folder, "mine.toml", german)


def test_files_that_are_none(folder: Path) -> None:
    (folder / "past.csv").write_text("started,season\n1,2022,3\n")
    assert_refused(trained(folder), folder, "past.csv, row 2", "[column_count]")
    (folder / "past.csv").write_bytes(b"PAR1junkPAR1")
    assert_refused(trained(folder), folder, "[file_unreadable]")
    (folder / "past.csv").unlink()
    assert_refused(trained(folder), folder, "[file_missing]")
    (folder / "mine.toml").unlink()
    assert_refused(trained(folder), folder, "mine.toml", "[file_missing]")
    answer = run("train", folder / "past.csv", "--out", folder / "new.model", "--made", "today")
    assert answer.code == 2 and "--made" in answer.err


def test_other_columns_of_outcome_and_season_may_be_named(folder: Path) -> None:
    answer = trained(folder, "--outcome", "ended", "--season", "year", "--json")
    assert answer.code == 2
    faults = json.loads(answer.out)["faults"]
    assert [(one["rule"], one["column"]) for one in faults] == [
        ("column_missing", "ended"),
        ("column_missing", "year"),
    ]
    assert_refused(trained(folder, "--outcome", "way"), folder, "column way", "[name_twice]")


def test_a_history_is_the_same_however_it_is_written(folder: Path) -> None:
    """Comma or semicolon, decimal comma, byte order mark, yes and no in German, Parquet."""
    table, declaration = past(), declared()
    expected = read_history(folder / "past.csv", declaration_of(declaration))
    german = table.assign(
        asked=table["asked"].map({0: "nein", 1: "ja"}),
        started=table["started"].map({0: "nein", 1: "ja"}),
    )
    german.to_csv(folder / "a.csv", sep=";", decimal=",", index=False, encoding="utf-8-sig")
    table.to_parquet(folder / "b.parquet")
    table.assign(started=table["started"].astype("Int64")).to_csv(folder / "c.csv", sep="\t")
    for name in ("a.csv", "b.parquet", "c.csv"):
        found = read_history(folder / name, declaration_of(declaration))
        pd.testing.assert_frame_equal(found[expected.columns], expected)
    assert expected["field"].isin(["01", "2", "wood"]).all()
    assert expected["invented"].dtype == bool


def test_a_table_shows_of_which_kind_its_columns_are(tmp_path: Path) -> None:
    text = "id;code;whole;gaps;part;flag;word;none\n1;01;-3;4;1,5;true;a;\n2;10;0;;.5;False;;nan\n"
    (tmp_path / "t.csv").write_text(text)
    table = read_table(tmp_path / "t.csv", words={"id"})
    assert table.loc[0, "id"] == "1" and list(table["code"]) == ["01", "10"]
    assert list(table["whole"]) == [-3, 0] and list(table["part"]) == [1.5, 0.5]
    assert str(table["gaps"].dtype) == "Int64" and table["gaps"].isna().tolist() == [False, True]
    assert list(table["flag"]) == [True, False] and table["none"].isna().all()


@pytest.mark.parametrize(
    ("label", "first"),
    [
        ("2026", "2026-01-01"),
        ("2026/27", "2026-01-01"),
        ("winter 2026", "2026-01-01"),
        ("2026-08-15 00:00:00", "2026-08-15"),
        ("15.8.2026", "2026-08-15"),
        ("4", None),
        ("20261", None),
        ("2026-13-40", None),
    ],
)
def test_when_a_season_begins(label: str, first: str | None) -> None:
    found = begins(label)
    assert (None if found is None else found.isoformat()) == first


# Telling chances


def test_each_pair_gets_its_chance_and_keeps_its_cells(
    learned: tuple[Path, Run], tmp_path: Path
) -> None:
    table = pairs_of()
    table["note"] = ['with, "marks"', *["plain"] * 29]
    table.to_csv(tmp_path / "pairs.csv", index=False)
    answer = told(learned[0], tmp_path)
    assert answer.code == 0, answer.all
    assert "30 pairs written" in answer.out and "For 2 of them" in answer.out
    given = pd.read_csv(tmp_path / "pairs.csv", dtype=str, keep_default_na=False)
    found = pd.read_csv(tmp_path / "told.csv", dtype=str, keep_default_na=False)
    assert list(found) == [*given, "chance", "low", "high", "evidence", "enough"]
    pd.testing.assert_frame_equal(found[list(given)], given)
    judged = read_model(learned[0]).judge(table)
    assert found["chance"].astype(float).tolist() == np.round(judged.chance, 6).tolist()
    assert found["evidence"].tolist() == [
        f"{started} of {cases}" for started, cases in zip(judged.started, judged.cases, strict=True)
    ]
    sure = found["enough"] == "yes"
    assert (found["enough"] == "no").tolist() == [True, True, *[False] * 28]
    assert (found.loc[~sure, ["low", "high"]] == "").all(axis=None)
    low, chance, high = (found.loc[sure, name].astype(float) for name in ("low", "chance", "high"))
    assert (low < chance).all() and (chance < high).all()


def test_how_many_rows_are_judged_at_a_time_does_not_matter(
    learned: tuple[Path, Run], tmp_path: Path
) -> None:
    pairs_of().to_csv(tmp_path / "pairs.csv", index=False)
    answers = set()
    for rows in (1, 7, 1_000):
        assert told(learned[0], tmp_path, "--rows", rows, "--force").code == 0
        answers.add((tmp_path / "told.csv").read_bytes())
    assert len(answers) == 1


def test_only_a_few_chunks_are_ever_in_hand() -> None:
    """Memory stays the same for any number of rows: nobody reads ahead of the writer."""
    taken = 0

    def chunks() -> Iterator[Any]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    def judge(chunk: Any) -> tuple[Any, int]:
        return None, int(chunk)

    for done, (_, found) in enumerate(pair_chances._in_order(judge, chunks())):
        assert found == done and taken <= done + pair_chances._IN_HAND


def test_csv_and_parquet_tell_the_same(learned: tuple[Path, Run], tmp_path: Path) -> None:
    table = pairs_of()
    table.to_csv(tmp_path / "pairs.csv", index=False, sep=";", decimal=",")
    assert told(learned[0], tmp_path, "--out", tmp_path / "a.parquet").code == 0
    table["field"] = table["field"].astype("category")
    table["asked"] = table["asked"].astype(bool)
    table.to_parquet(tmp_path / "b.parquet")
    answer = run("chances", learned[0], tmp_path / "b.parquet", "--out", tmp_path / "c.csv")
    assert answer.code == 0, answer.all
    one, other = pd.read_parquet(tmp_path / "a.parquet"), pd.read_csv(tmp_path / "c.csv")
    names = ["chance", "low", "high", "evidence", "enough"]
    pd.testing.assert_frame_equal(one[names], other[names], check_dtype=False)
    assert one["seeker"].tolist() == table["seeker"].tolist()


def test_what_is_left_out_is_said(learned: tuple[Path, Run], tmp_path: Path) -> None:
    words.unsaid.clear()
    table = pairs_of().drop(columns="firm").assign(Geschlecht="w", chance=0.5)
    table.to_csv(tmp_path / "pairs.csv", index=False)
    answer = told(learned[0], tmp_path, language="de")
    assert answer.code == 0, answer.all
    for part in ("geschützten Merkmalen sprechen: Geschlecht", "Neu berechnet: chance", "firm"):
        assert part in answer.out
    found = pd.read_csv(tmp_path / "told.csv")
    assert "Geschlecht" not in found and list(found).count("chance") == 1
    assert not (found["chance"] == 0.5).all()
    lists = pa.table({**pairs_of().to_dict("list"), "list": [[1]] * 30})
    pq.write_table(lists, tmp_path / "pairs.parquet")
    answer = run(
        *("chances", learned[0], tmp_path / "pairs.parquet", "--json"),
        *("--out", tmp_path / "told.csv", "--force"),
    )
    facts = json.loads(answer.out)
    assert (facts["rows"], facts["unwritten"], facts["firm_missing"]) == (30, ["list"], None)
    assert words.unsaid == set()


def spoiled_model(kind: str, model: Path) -> bytes:
    content = model.read_bytes()
    if kind == "changed":
        at = len(content) // 2
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    if kind == "strange":
        written: bytes = skops.io.dumps({"way": pd.Timedelta})
        first = b"uebergang model 1 sha256=" + hashlib.sha256(written).hexdigest().encode()
        return first + b"\n" + written
    return b"seeker,place\n" if kind == "none" else b""


@pytest.mark.parametrize(
    ("kind", "english", "german"),
    [
        ("changed", "[model_changed]", "Prüfsumme passt nicht"),
        ("strange", "[model_unreadable]", "keine Modelldatei"),
        ("none", "[model_unreadable]", "keine Modelldatei"),
        ("empty", "[file_empty]", "leer"),
    ],
)
def test_models_that_are_none(
    learned: tuple[Path, Run], tmp_path: Path, kind: str, english: str, german: str
) -> None:
    pairs_of().to_csv(tmp_path / "pairs.csv", index=False)
    other = tmp_path / "other.model"
    other.write_bytes(spoiled_model(kind, learned[0]))
    assert_refused(told(other, tmp_path), tmp_path, "other.model", english)
    assert_refused(told(other, tmp_path, language="de"), tmp_path, "other.model", german)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda text: text.replace("way", "path"), ["pairs.csv, column way: This column is"]),
        (lambda text: text.replace(",500.0,", ",far,"), ["row 3, column way, “far”"]),
        (lambda text: text + "030,f1,12.5,1,wood\n", ["row 32, “5/6”", "[column_count]"]),
        (lambda text: text + '030,"f\n1",12.5,1,wood,3\n', ["row 32, column firm", "cell_control"]),
        (lambda text: text.splitlines()[0] + "\n", ["[no_rows]"]),
        (lambda text: "", ["[file_empty]"]),
        (lambda text: text.replace("seeker", "way"), ["row 1, column way", "[column_twice]"]),
        (lambda text: text + '030,f1,12.5,1,"wood,3\n', ["[column_count]"]),
    ],
)
def test_pairs_that_are_none(
    learned: tuple[Path, Run], tmp_path: Path, change: Callable[[str], str], parts: list[str]
) -> None:
    """The faults are told with their rows, whatever had been judged before; no file is left."""
    pairs_of().to_csv(tmp_path / "pairs.csv", index=False)
    text = (tmp_path / "pairs.csv").read_text()
    (tmp_path / "pairs.csv").write_text(change(text))
    assert_refused(told(learned[0], tmp_path, "--rows", 2), tmp_path, "pairs.csv", *parts)


def test_a_refusal_leaves_an_older_file_as_it_was(
    learned: tuple[Path, Run], tmp_path: Path
) -> None:
    pairs_of().to_csv(tmp_path / "pairs.csv", index=False)
    (tmp_path / "told.csv").write_text("older")
    answer = told(learned[0], tmp_path)
    assert answer.code == 2 and "told.csv [file_there]" in answer.err
    with (tmp_path / "pairs.csv").open("a") as lines:
        lines.write("030,f1,far,1,wood,3\n")
    answer = told(learned[0], tmp_path, "--force", "--rows", 5, language="de")
    assert answer.code == 2 and "Zeile 32, Spalte way" in answer.err
    assert (tmp_path / "told.csv").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.csv", "told.csv"]


def test_where_to_write_is_checked_first(learned: tuple[Path, Run], tmp_path: Path) -> None:
    pairs_of().to_csv(tmp_path / "pairs.csv", index=False)
    answer = told(learned[0], tmp_path, "--out", tmp_path / "told.xlsx")
    assert answer.code == 2 and ".csv or .parquet" in answer.err
    answer = told(learned[0], tmp_path, "--out", tmp_path / "pairs.csv", "--force")
    assert_refused(answer, tmp_path, "[file_would_be_lost]")
    answer = told(learned[0], tmp_path, "--out", tmp_path / "none" / "told.csv")
    assert_refused(answer, tmp_path, "[file_refused]")
    answer = run("chances", learned[0], tmp_path / "none.csv", "--out", tmp_path / "told.csv")
    assert_refused(answer, tmp_path, "none.csv", "[file_missing]")
