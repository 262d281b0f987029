"""Do offers come in as their source means them? Delta loads, pages of answers, what is no training.

Every file goes through the desk, as the agency or a firm writes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import pytest

from data.intake.reading import Upload
from data.store.people import places
from matching.errors import Rule
from office.access import User
from office.desk import Desk
from office.intake_desk import Delivery
from office.settings import Settings
from tests.office.test_store_commands import Office, office

__all__ = ["office"]

BY = User.operator("amt")
SEASON = "2026/27"


def load(kind: str, *entries: str) -> Upload:
    header = f"<Header><SupplierId>V1</SupplierId><TypeOfLoad>{kind}</TypeOfLoad></Header>"
    root = "HRBAXMLJobPositionPosting"
    return Upload("hr.xml", f"<{root}>{header}<Data>{''.join(entries)}</Data></{root}>".encode())


def posting(
    reference: str, openings: int = 2, title: str = "Bäcker/in", offer: int = 4, education: int = 0
) -> str:
    site = "<PostalCode>33330</PostalCode><Municipality>Gütersloh</Municipality>"
    return (
        f"<JobPositionPosting><JobPositionPostingId>{reference}</JobPositionPostingId>"
        "<HiringOrg><HiringOrgName>Werkstatt</HiringOrgName></HiringOrg><JobPositionInformation>"
        f"<JobPositionTitleDescription>{title}</JobPositionTitleDescription>"
        f"<JobOfferType>{offer}</JobOfferType><EducationType>{education}</EducationType>"
        "<JobPositionDescription><JobPositionLocation><Location>"
        f"{site}</Location></JobPositionLocation></JobPositionDescription>"
        f"<NumberToFill>{openings}</NumberToFill></JobPositionInformation></JobPositionPosting>"
    )


def deletion(reference: str) -> str:
    return f"<DeleteEntry><EntryId>{reference}</EntryId></DeleteEntry>"


def page(number: int, *references: str, most: int | None = 2) -> Upload:
    offers = [
        {
            "referenznummer": reference,
            "hauptberuf": "Tischler/in",
            "stellenlokationen": [{"adresse": {"plz": "33330", "ort": "Gütersloh"}}],
        }
        for reference in references
    ]
    told = {"ergebnisliste": offers, "page": number, "size": 1}
    told |= {} if most is None else {"maxErgebnisse": most}
    return Upload(f"page{number}.json", json.dumps(told).encode())


def job_postings(*titles: str) -> Upload:
    told = [
        {
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "identifier": f"J{number}",
            "title": title,
            "jobLocation": {"address": {"postalCode": "33330"}},
        }
        for number, title in enumerate(titles, start=1)
    ]
    return Upload("jp.json", json.dumps(told).encode())


def take(office: Office, *files: Upload, dry_run: bool = False) -> Delivery:
    with closing(Desk(Settings(database=office.db))) as desk:
        return desk.import_places(files, BY, SEASON, dry_run=dry_run)


def offered(office: Office) -> dict[str, int]:
    """The openings of each place on offer."""
    with closing(Desk(Settings(database=office.db))) as desk:
        found = places(desk.store, SEASON)
    return {place.id.removeprefix(f"{SEASON}:"): place.openings for place in found}


def fix(office: Office, number: int, **corrections: str) -> Sequence[Rule]:
    """What is still wrong with a row; nothing where it came in."""
    with closing(Desk(Settings(database=office.db))) as desk:
        result = desk.fix_row(number, corrections, BY)
    return [fault.rule for fault in result] if isinstance(result, tuple) else []


# Delta loads


def test_a_delta_load_reaches_the_places_of_the_whole_load(office: Office) -> None:
    """It takes back and changes what the whole load brought, as one source."""
    take(office, load("F", posting("A"), posting("B"), posting("C")))
    told = take(office, load("D", deletion("A"), posting("B", openings=5))).report
    assert (told.stored, told.changed, told.unchanged, told.gone) == (0, 2, 0, 0)
    assert told.faults == ()
    assert offered(office) == {"hr_ba_xml:B": 5, "hr_ba_xml:C": 2}


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_unknown_offer_that_is_taken_back_is_named(office: Office, dry_run: bool) -> None:
    take(office, load("F", posting("A")))
    told = take(office, load("D", deletion("X"), deletion("A")), dry_run=dry_run)
    assert [(one.rule, one.row, one.value) for one in told.faults] == [(Rule.PLACE_UNKNOWN, 2, "X")]
    assert (told.report.changed, told.report.unchanged) == (1, 1)
    again = take(office, load("D", deletion("A"))).report
    assert again.faults == ()


# Pages of a search


def test_a_page_alone_takes_nothing_away(office: Office) -> None:
    """One page after the other names each offer once, and none of them is gone."""
    first, second = take(office, page(1, "A")), take(office, page(2, "B"))
    for told in (first, second):
        assert [(one.rule, one.value) for one in told.faults] == [(Rule.LOAD_PARTIAL, "1/2")]
        assert told.report.gone == 0
    assert set(offered(office)) == {"jobsuche:A", "jobsuche:B"}


def test_all_pages_together_name_all_that_there_is(office: Office) -> None:
    take(office, page(1, "A"), page(2, "B"))
    told = take(office, page(1, "A"), page(2, "C"))
    assert (told.faults, told.report.stored, told.report.gone) == ((), 1, 1)
    assert set(offered(office)) == {"jobsuche:A", "jobsuche:C"}


@pytest.mark.parametrize(
    "pages",
    [
        [page(1, "A"), page(1, "A")],
        [page(1, "A"), page(1, "B")],
        [page(1, "A", most=None)],
        [page(1, "A", "B"), page(1, "C", most=9)],
    ],
)
def test_what_may_not_be_all_takes_nothing_away(office: Office, pages: list[Upload]) -> None:
    """A page twice, an answer that does not say how much it found, one whole search of two."""
    take(office, page(1, "X", most=1))
    told = take(office, *pages)
    assert Rule.LOAD_PARTIAL in {one.rule for one in told.faults}
    assert told.report.gone == 0


# What is no training


JOBS = {
    "no training": load("F", posting("A", offer=34)),
    "dual studies": load("F", posting("A", education=1)),
    "a job": job_postings("Tischler/in"),
    "an answer": Upload(
        "a.json",
        json.dumps(
            {
                "maxErgebnisse": 1,
                "ergebnisliste": [
                    {
                        "referenznummer": "A",
                        "hauptberuf": "Tischler/in",
                        "stellenangebotsart": "ARBEIT",
                        "stellenlokationen": [{"adresse": {"plz": "33330"}}],
                    }
                ],
            }
        ).encode(),
    ),
}


@pytest.mark.parametrize("file", JOBS.values(), ids=JOBS.keys())
def test_what_is_no_training_comes_in_only_when_somebody_says_that_it_is(
    office: Office, file: Upload
) -> None:
    """Neither no correction, nor another one, nor a blank says so."""
    assert take(office, file).report.quarantined == 1
    for corrections in ({}, {"openings": "3"}, {"offer_kind": ""}, {"offer_kind": "Arbeit"}):
        (rule,) = fix(office, 1, **corrections)
        assert rule in (Rule.VALUE_UNKNOWN, Rule.VALUE_MISSING)
    assert offered(office) == {}
    assert fix(office, 1, offer_kind="Ausbildung") == []
    assert len(offered(office)) == 1
    again = take(office, file).report
    assert (again.unchanged, again.quarantined) == (1, 0)


@pytest.mark.parametrize(
    "file",
    [load("F", posting("A", title="Bäckermensch", offer=1)), job_postings("Bäckermensch")],
    ids=["hr_ba_xml", "job_posting"],
)
def test_a_confirmed_title_does_not_make_a_job_a_training_place(
    office: Office, file: Upload
) -> None:
    take(office, file)
    with closing(Desk(Settings(database=office.db))) as desk:
        done = desk.confirm_title("Bäckermensch", "29222", BY)
    assert (done.imports, done.waiting) == ((), 1)
    assert offered(office) == {}
