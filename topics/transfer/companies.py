"""Companies of an export, with their facts, former facts and scores; and what an import does with them.

Which fact of a field counts follows the rule of the import, but a typed fact is never replaced by one that was read. What was
replaced joins the former facts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lead_models import Fact, Points, Score
from state.leads import companies, copies, copy_writing, records, rescoring
from state.leads.copies import Copy
from topics.transfer import company_lines
from topics.transfer.company_lines import Company, FactLine
from topics.transfer.merging import KEPT, MERGED, NEW, UNCHANGED, Merging, Outcome, Record, each, lean, refused, told

#: Another writer may change a company between a look and the script: looked at again so often at most.
LOOKS = 5

TYPED = "typed"
TEXTS = ("owner", "site", "domain", "name")


def read(owner: str | None) -> Iterator[Record]:
    """Companies by id, of everybody or of one; 200 at a time."""
    for chunk in copies.walk(owner):
        yield from told(chunk, lambda copy: copy.id, _record)


def count(owner: str | None) -> int:
    """How many there are."""
    return companies.count(owner)


def _record(copy: Copy) -> Record:
    kept = copy.fields
    facts: Record = {"id": copy.id, **{name: kept.get(name, "") for name in TEXTS}}
    facts |= {"tags": sorted(kept["tags"].split("\n")) if kept.get("tags") else []}
    facts |= {name: int(kept.get(name) or 0) for name in ("created_ms", "updated_ms")} | {"names": sorted(copy.members)}
    facts |= {"facts": {name: _fact(text) for name, text in _facts(copy).items()}}
    facts |= {"score": _score(records.score(kept["score"])) if "score" in kept else None}
    facts |= {"scores": [[int(at), float(total), model] for at, total, model in (one.split(" ", 2) for one in copy.scores)]}
    return lean(facts | {"former": [[name, _fact(text)] for name, text in (one.split("\n", 1) for one in copy.former)]})


def _facts(copy: Copy) -> dict[str, str]:
    """The texts of its facts by field."""
    found = ((name.removeprefix(records.FACT), text) for name, text in copy.fields.items() if name.startswith(records.FACT))
    return dict(sorted(found))


def _fact(text: str) -> Record:
    fact = records.fact(text)
    return {"value": fact.value, **lean({"source": fact.source, "at_ms": fact.at_ms, "snippet": fact.snippet})}


def _score(score: Score) -> Record:
    points = [[one.rule, one.part, float(one.points), float(one.most), one.reason, list(one.evidence)] for one in score.points]
    parts = {name: float(value) for name, value in score.parts.items()}
    return {"total": float(score.total), "parts": parts, "model": score.model, "at_ms": score.at_ms, "points": points}


def put(lines: Sequence[Company], merging: Merging) -> list[Outcome]:
    """What becomes of these."""
    return each(lines, lambda line: _put(_read(line, merging), merging))


def _put(theirs: Copy, merging: Merging) -> Outcome:
    for _ in range(LOOKS):
        named = copies.named_by(theirs.owner, theirs.members)
        [ours] = copies.read_many([named or theirs.id])
        if ours is not None and ours.owner != theirs.owner:  # another's has this id here: it gets one of its own, always the same
            theirs = replace(theirs, id=companies.made_id(theirs.owner, theirs.members or [theirs.id]))
            continue
        if ours is not None and _record(ours) == _record(Copy(ours.id, theirs.fields, theirs.former, theirs.scores)):
            return UNCHANGED
        after = theirs if ours is None else _merged(ours, theirs, merging)
        if ours is not None and _record(after) == _record(ours):
            return KEPT
        if merging.is_dry:
            return MERGED if ours else NEW
        if copy_writing.put(_free(after), ours) == "put":
            if ours or "score" not in after.fields:
                rescoring.mark({after.id})
            return MERGED if ours else NEW
    return refused("it is changed faster than one can look: import it again")


def _free(copy: Copy) -> Copy:
    """The company without what names another one here: two that the file keeps apart stay apart."""
    members = [one for one in copy.members if copies.named_by(copy.owner, [one]) in ("", copy.id)]
    return (
        copy
        if members == copy.members
        else Copy(copy.id, {**copy.fields, "members": "\n".join(members)}, copy.former, copy.scores)
    )


def _merged(ours: Copy, theirs: Copy, merging: Merging) -> Copy:
    fields, former = dict(ours.fields), list(ours.former)
    for name, text in _facts(theirs).items():
        here = ours.fields.get(records.FACT + name)
        winner, loser = (text, here) if here is None or _wins(here, text, merging) else (here, text)
        fields[records.FACT + name] = winner
        if loser is not None and _value(loser) != _value(winner):
            former.append(f"{name}\n{loser}")
    times = [int(one.fields.get("updated_ms") or 0) for one in (ours, theirs)]
    for name in ("site", "domain", "name"):
        if theirs.fields.get(name) and (not fields.get(name) or merging.theirs_win(*times)):
            fields[name] = theirs.fields[name]
    for name, most in (("tags", company_lines.MOST_TAGS), ("members", company_lines.MOST_MEMBERS)):
        lines = dict.fromkeys(line for one in (ours, theirs) for line in one.fields.get(name, "").split("\n") if line)
        fields |= {name: "\n".join(list(lines)[:most])} if lines else {}
    last = max(
        (one.fields.get("score", "") for one in (ours, theirs)), key=lambda text: records.score(text).at_ms if text else -1
    )
    fields |= {"updated_ms": str(max(times))} | ({"score": last} if last else {})
    scores = sorted({*ours.scores, *theirs.scores}, key=lambda one: int(one.split(" ", 1)[0]))
    gone = [one for one in dict.fromkeys([*former, *theirs.former]) if one.split("\n", 1)[1] not in fields.values()]
    gone.sort(key=lambda one: records.fact(one.split("\n", 1)[1]).at_ms, reverse=True)
    return Copy(
        ours.id,
        fields,
        gone[: company_lines.MOST_FORMER] if gone != list(ours.former) else ours.former,
        scores[-company_lines.MOST_SCORES :],
    )


def _wins(ours: str, theirs: str, merging: Merging) -> bool:
    """Whether their fact takes the place of ours."""
    here, there = records.fact(ours), records.fact(theirs)
    if (here.source == TYPED) != (there.source == TYPED):
        return there.source == TYPED
    return merging.theirs_win(here.at_ms, there.at_ms)


def _value(text: str) -> Any:
    return records.fact(text).value


def _read(line: Company, merging: Merging) -> Copy:
    """The company that a line describes."""
    fields = {"owner": merging.owner_of(line.owner), **{name: getattr(line, name) for name in ("site", "domain", "name")}}
    fields |= {name: str(getattr(line, name)) for name in ("created_ms", "updated_ms")}
    fields |= {"tags": "\n".join(line.tags), "members": "\n".join(line.names)}
    fields |= {records.FACT + name: _text(fact) for name, fact in line.facts.items()}
    if line.score:
        points = tuple(
            Points(rule=rule, part=part, points=points, most=most, reason=reason, evidence=tuple(evidence))
            for rule, part, points, most, reason, evidence in line.score.points
        )
        score = line.score
        fields["score"] = records.score_text(
            Score(total=score.total, parts=score.parts, model=score.model, at_ms=score.at_ms, points=points)
        )
    kept = {name: text for name, text in fields.items() if text or name == "owner"}
    scores = [f"{at} {total:g} {model}" for at, total, model in line.scores]
    return Copy(line.id, kept, [f"{name}\n{_text(fact)}" for name, fact in line.former], scores)


def _text(fact: FactLine) -> str:
    return records.fact_text(Fact(value=fact.value, source=fact.source, at_ms=fact.at_ms, snippet=fact.snippet))
