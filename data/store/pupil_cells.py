"""What would a list have to say for this record to come of it? Cells by field, as readers do.

So a record that the store turns away waits beside the rows that a reader turned away, and is
corrected in the same way.
"""

from __future__ import annotations

from data.intake.records import Basis, LegalBasis, PupilRecord
from matching.target import Standing

_TEXTS = (
    "school",
    "surname",
    "first_name",
    "number",
    "street",
    "postcode",
    "town",
    "email",
    "phone",
    "school_class",
    "grade",
)


def cells_of_pupil(record: PupilRecord) -> dict[str, str]:
    """A record's cells; what it does not say has none."""
    cells = {name: str(getattr(record, name)) for name in _TEXTS if getattr(record, name)}
    for name in ("born", "leaves"):
        if (day := getattr(record, name)) is not None:
            cells[name] = day.isoformat()
    for name in ("compulsory_school_done", "applied_before"):
        if (flag := getattr(record, name)) is not None:
            cells[name] = "ja" if flag else "nein"
    if record.certificate is not None:
        cells["certificate"] = record.certificate.name
    if record.longest_way is not None:
        cells["longest_way"] = str(record.longest_way)
    if record.standing is not Standing.LOOKING:
        cells["standing"] = record.standing.value.replace("_", " ")
    cells |= {f"wish_{rank}": kldb for rank, kldb in enumerate(record.wishes, start=1)}
    if record.marks:
        told = sorted(record.marks.items())
        cells["marks"] = "; ".join(f"{subject}={mark}" for subject, mark in told)
    if record.invented:
        cells["note"] = "erfunden"
    return cells | _consent(record.basis)


def _consent(basis: LegalBasis) -> dict[str, str]:
    """A ground in law is the list's own and stands in no row."""
    if basis.kind is Basis.LAW:
        return {}
    cells = {"consent": "ja" if basis.kind is Basis.CONSENT else "nein"}
    if basis.given_on is not None:
        cells["consent_on"] = basis.given_on.isoformat()
    if basis.version:
        cells["consent_version"] = basis.version
    if basis.giver:
        cells["consent_giver"] = basis.giver
    return cells
