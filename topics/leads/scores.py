"""Companies scored by the points model now; their scores, and whether these are current.

A score grows old with its facts. So all companies are scored once a day, and again when the model changes; what comes out as it
was is not written. A run that is killed goes on where it was.
"""

from collections.abc import Sequence
from typing import Any

import chunks
import clock
import queues
from lead_models import Company
from state.leads import companies
from state.store import connection
from topics.leads import model_file, scoring
from topics.leads.scoring import Scorer

#: Companies of one round trip.
AT_ONCE = 500

#: Companies of one call.
MOST_IDS = 10_000


def score(company_ids: Sequence[str]) -> dict[str, Any]:
    """Score these companies now. Safe to repeat. Returns `scored`, `changed`, `missing` (ids that name none) and `model`."""
    scorer = scoring.scorer(model_file.current())
    ids = list(dict.fromkeys(company_ids))
    told = {"scored": 0, "changed": 0, "missing": 0}
    for piece in chunks.of(ids, AT_ONCE):
        with connection.errors_translated():
            at_ms = now_ms()
            found = [one for one in companies.get(piece, None) if one]
            changed = write(found, scorer, at_ms)
        told["scored"] += len(found)
        told["changed"] += changed
        told["missing"] += len(piece) - len(found)
        queues.progress(told["scored"] + told["missing"], len(ids), "companies scored")
    return {**told, "model": scorer.model.version}


def is_current(company: Company, scorer: Scorer, now_ms: int) -> bool:
    """Whether the score of a company is what it would be now: by the same model, of the same facts, with the same points."""
    known = company.score
    if known is None or known.model != scorer.model.version or company.updated_ms > known.at_ms:
        return False
    total, parts = scorer.totals(scorer.sums(company, now_ms))
    return total == known.total and parts == dict(known.parts)


def top(owner: str | None, limit: int) -> list[Company]:
    """The companies with the highest scores, the highest first. `owner`: None = whoever's."""
    with connection.errors_translated():
        found = companies.get(companies.top(owner, limit), owner)
    return [one for one in found if one]


def write(found: Sequence[Company], scorer: Scorer, at_ms: int) -> int:
    """Write the scores of companies that came out differently; says how many. `at_ms`: a time before they were read."""
    fresh = [(one.id, scorer.score(one, at_ms)) for one in found if not is_current(one, scorer, at_ms)]
    return companies.put_scores(fresh) if fresh else 0


def now_ms() -> int:
    """This moment in ms since 1970."""
    return round(clock.now().timestamp() * 1000)
