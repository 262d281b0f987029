"""Who stands in the base of each definition of the rate, and who of them counts as placed?

In words for readers: name, who is counted, what counts as placed. What is counted in fact stands in
`matching.target.DEFINITIONS`.
"""

from __future__ import annotations

DEFINED = {
    "district": (
        "The district's target",
        "everybody registered in the season",
        "company-based training started",
    ),
    "entered": (
        "Entry rate of the labour agency",
        "everybody registered in the season",
        "company- or school-based training started",
    ),
    "interested": (
        "Rate of all who are interested (EQI)",
        "everybody on record as interested, registered or not",
        "company- or school-based training started",
    ),
    "strict": (
        "Strict count (Norwegian register)",
        "registered with at least one wish, or with a contract; without those who withdrew or "
        "whose whereabouts are unknown",
        "company-based training started",
    ),
}
