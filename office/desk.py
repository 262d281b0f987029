"""What may be asked for? Each method one request: check, load, think, keep, answer.

Each purpose has a room: `intake_desk` (what comes in), `school_desk` (what schools ask for),
`season_desk` and `planning_desk` (the plans of a season), `counseling_desk` (one person's way),
`people_desk` (what is held of people, and what goes out), `keeping_desk` and `upkeep_desk` (log,
terms, backups, how the house is set) and `users_desk`. What is asked of files alone is no page's
business: `office.file_desk`.
"""

from __future__ import annotations

from office.counseling_desk import CounselingDesk
from office.keeping_desk import KeepingDesk
from office.models_desk import ModelsDesk
from office.people_desk import PeopleDesk
from office.planning_desk import PlanningDesk
from office.school_desk import SchoolDesk
from office.upkeep_desk import UpkeepDesk
from office.users_desk import UsersDesk


class Desk(
    SchoolDesk,
    PlanningDesk,
    ModelsDesk,
    PeopleDesk,
    KeepingDesk,
    UpkeepDesk,
    UsersDesk,
    CounselingDesk,
):
    """All that a person or a command may ask for; each request asks who it is (`office.access`)."""
