"""What can a terminal ask for? The desk's requests as commands, stable for other tools.

Exit codes: 0 done, 1 verification failed, 2 faults in the input (nothing written), 3 no plan
possible. What a command needs is imported when it runs: asking for help stays quick, and
`verify` runs without a solver on the machine. The commands themselves stand in `office.commands`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from office.commands import (
    backtest,
    district,
    intake,
    keeping,
    learning,
    model_audit,
    models,
    pairs,
    plans,
    serve,
    users,
    waiting,
)
from office.commands.door import Reader, actor, at_the_door, out, show
from office.words import say

app = typer.Typer(
    name="uebergang",
    help="Match apprenticeship seekers to training places against the district's target.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _group(name: str, about: str) -> typer.Typer:
    group = typer.Typer(help=about, no_args_is_help=True)
    app.add_typer(group, name=name)
    return group


app.command("demo")(district.demo)
app.command("plan")(district.plan)
app.command("solve")(pairs.solve)
app.command("verify")(pairs.verify)
app.command("import")(intake.import_lists)
app.command("export")(keeping.export)
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("template")(intake.write_template)
app.command("serve")(serve.serve)
app.command("train")(learning.train)
app.command("chances")(learning.chances)
app.command("backtest")(backtest.backtest_plans)
app.command("audit-model")(model_audit.audit_model)

imports = _group("imports", "What has come in, and how it is taken back.")
imports.command("list")(intake.list_imports)
imports.command("show")(intake.show_import)
imports.command("undo")(intake.undo_import)

quarantine = _group("quarantine", "Rows that wait for a correction.")
quarantine.command("list")(waiting.list_quarantine)
quarantine.command("fix")(waiting.fix_row)
quarantine.command("dismiss")(waiting.dismiss_row)

duplicates = _group("duplicates", "Records that may be one person.")
duplicates.command("list")(waiting.list_duplicates)
duplicates.command("decide")(waiting.decide_duplicate)

places = _group("places", "Training places.")
places.command("import")(intake.import_places)

titles = typer.Typer(help="What titles of offers mean.", no_args_is_help=True)
places.add_typer(titles, name="titles")
titles.command("list")(waiting.list_titles)
titles.command("confirm")(waiting.confirm_title)
titles.command("forget")(waiting.forget_title)

outcomes = _group("outcomes", "What became of people.")
outcomes.command("import")(intake.import_outcomes)

contacts = _group("contacts", "What happened between people and places.")
contacts.command("import")(intake.import_contacts)

runs = _group("runs", "Kept runs, and whether they come out the same again.")
runs.command("list")(district.list_runs)
runs.command("show")(district.show_run)
runs.command("replay")(district.replay_run)

of_plans = _group("plans", "Plans of a season.")
of_plans.command("list")(plans.list_plans)
of_plans.command("show")(plans.show_plan)
of_plans.command("activate")(plans.activate_plan)
of_plans.command("move")(plans.move_proposal)

decisions = _group("decisions", "What people ruled about pairs: pins and bans.")
decisions.command("add")(plans.add_decision)
decisions.command("list")(plans.list_decisions)

person = _group("person", "What is held of a person, and its end.")
person.command("report")(keeping.report_person)
person.command("forget")(keeping.forget_person)
person.command("withdraw")(keeping.withdraw_person)

audit = _group("audit", "The log of who did what.")
audit.command("verify")(keeping.verify_audit)

chance_models = _group("models", "Models of chances that are kept, and which one counts.")
chance_models.command("list")(models.list_models)
chance_models.command("add")(models.add_model)
chance_models.command("activate")(models.activate_model)
chance_models.command("scorecard")(models.use_scorecard)
chance_models.command("manual")(models.set_manual)

retention = _group("retention", "How long what is kept.")
retention.command("run")(keeping.run_retention)

people = _group("users", "Who works here, and as what.")
people.command("add")(users.add_user)
people.command("list")(users.list_users)
people.command("roles")(users.set_roles)
people.command("password")(users.renew_password)
people.command("off")(users.shut_out)
people.command("on")(users.let_back_in)

reference = _group("reference", "Official tables that an operator imports.")
shapes = _group("shapes", "Official boundaries for the map.")


@app.callback()
def options(
    lang: Annotated[
        Literal["de", "en"] | None, typer.Option("--lang", help="Language of the output.")
    ] = None,
) -> None:
    """Match apprenticeship seekers to training places against the district's target."""
    Reader.asked = lang


@reference.command("import")
def import_reference(
    source: Annotated[Path, typer.Argument(help="The official KldB 2010 file.")],
) -> None:
    """Import the official classification of occupations (KldB 2010) for full coverage."""
    from office.upkeep_desk import UpkeepDesk

    language = Reader.language()
    with at_the_door(language):
        count = UpkeepDesk().import_occupations(source, actor())
        words = say("{count} occupations imported.", language, count=count)
        show(out, words)


@shapes.command("import")
def import_shapes(
    source: Annotated[Path, typer.Argument(help="The municipalities' boundaries, as GeoJSON.")],
) -> None:
    """Import the municipalities' official boundaries (GeoJSON, degrees WGS 84) for the map."""
    from office.upkeep_desk import UpkeepDesk

    language = Reader.language()
    with at_the_door(language):
        count = UpkeepDesk().import_shapes(source, actor())
        show(out, say("{count} municipalities imported.", language, count=count))


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
