"""What is different about the forms of a page since they were last seen."""

from collections.abc import Iterable, Sequence
from typing import Any

#: What of a field is compared, besides its name.
COMPARED = ("type", "label", "required", "options", "constraints", "autocomplete")

Facts = dict[str, Any]


def between(before: Sequence[Facts], now: Sequence[Facts], page: str) -> list[Facts]:
    """New, gone and changed forms of a page. A changed one keeps its type, method and target, while its fields differ."""
    same = {one["signature"] for one in before} & {one["signature"] for one in now}
    olds = [one for one in before if one["signature"] not in same]
    news = [one for one in now if one["signature"] not in same]
    found = []
    for one in news:
        old = next((other for other in olds if _kin(other, one)), None)
        if old is None:
            found.append(_told("new", one, page))
            continue
        olds.remove(old)
        found.append(_told("changed", one, page) | {"before": old["signature"], "fields": _fields(old["fields"], one["fields"])})
    found += [_told("gone", one, page) for one in olds]
    return found + [_told("changed", new, page) | {"fields": fields} for new, fields in _in_place(before, now, same) if fields]


def _in_place(before: Iterable[Facts], now: Iterable[Facts], same: set[str]) -> Iterable[tuple[Facts, list[Facts]]]:
    """Forms of one signature, whose fields may be labelled or bounded in another way by now."""
    known = {one["signature"]: one for one in before}
    for one in now:
        if one["signature"] in same:
            yield one, _fields(known[one["signature"]]["fields"], one["fields"])


def _kin(one: Facts, other: Facts) -> bool:
    return all(one[name] == other[name] for name in ("form_type", "method", "action"))


def _told(what: str, form: Facts, page: str) -> Facts:
    return {"what": what, "page": page, "form_type": form["form_type"], "signature": form["signature"]}


def _fields(before: Iterable[Facts], now: Iterable[Facts]) -> list[Facts]:
    """What became of each field that is not as it was: added, gone, or which of its properties changed."""
    olds, news = ({field["name"]: field for field in fields if field["name"]} for fields in (before, now))
    found: list[Facts] = [{"name": name, "what": "added"} for name in news if name not in olds]
    found += [{"name": name, "what": "gone"} for name in olds if name not in news]
    for name in olds.keys() & news.keys():
        if differ := [each for each in COMPARED if olds[name].get(each) != news[name].get(each)]:
            found.append({"name": name, "what": "changed", "properties": differ})
    return sorted(found, key=lambda one: (one["what"], one["name"]))
