"""A company put by an import where nothing else changed it meanwhile."""

import json

from state.leads import keys
from state.leads.copies import Copy
from state.store import scripts


def put(copy: Copy, before: Copy | None) -> str:
    """Put a company in place of what the caller saw: put, or changed (look again). Safe to repeat."""
    return _put_copy(
        lead=keys.lead(copy.id),
        index=keys.index(copy.owner),
        ids=keys.ids(None),
        own=keys.ids(copy.owner),
        scores=keys.scores(None),
        own_scores=keys.scores(copy.owner),
        id=copy.id,
        seen=json.dumps(sorted(before.fields.items())) if before else "",
        total=_total(copy),
        fields=json.dumps([part for pair in copy.fields.items() for part in pair]),
        members=json.dumps(copy.members),
        former=json.dumps(list(copy.former)),
        history=json.dumps(list(copy.scores)),
    ).decode()


@scripts.script("leads/put_copy")
def _put_copy(
    *,
    lead: str,
    index: str,
    ids: str,
    own: str,
    scores: str,
    own_scores: str,
    id: str,
    seen: str,
    total: str,
    fields: str,
    members: str,
    former: str,
    history: str,
) -> bytes:
    raise scripts.InLua


def _total(copy: Copy) -> str:
    return str(json.loads(copy.fields["score"])[0]) if "score" in copy.fields else ""
