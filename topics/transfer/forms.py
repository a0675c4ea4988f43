"""Networks of an export, without their logins, with the forms that were found; and what an import does with them.

A network keeps its number where that is free here. One of the same owner and address is the same network, whatever its number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from state.forms import networks as stored
from state.forms import pages
from topics.forms import network_checks
from topics.transfer import shapes
from topics.transfer.merging import KEPT, Merging, Outcome, Record, changed, each, lean, refused

SETTINGS = ("name", "url", "login_url", "max_pages", "max_depth", "render")


class Network(shapes.Line):
    """A network. `last`: what the last discovery found."""

    id: int = Field(ge=1, le=1 << 50)
    name: shapes.Short
    url: str = Field(max_length=8192)
    login_url: str = Field("", max_length=8192)
    owner: shapes.Owner = ""
    max_pages: int = 100
    max_depth: int = 5
    render: int = Field(0, ge=0, le=1)
    created_ms: shapes.Millisecond = 0
    last: dict[str, Any] = Field(default_factory=dict)


class FormPage(shapes.Line):
    """A page with forms. Times in ms."""

    id: int = Field(ge=1, le=1 << 50)
    network: int = Field(ge=1, le=1 << 50)
    url: str = Field(max_length=8192)
    title: shapes.Long = ""
    within: str = Field("", max_length=8192)
    forms: list[dict[str, Any]] = Field(default_factory=list, max_length=1000)
    first_ms: shapes.Millisecond = 0
    last_ms: shapes.Millisecond = 0
    gone_ms: shapes.Millisecond = 0


def read(owner: str | None) -> Iterator[Record]:
    """Networks by number, of everybody or of one."""
    for one in _of(owner):
        names = ("id", "name", "url", "login_url", "owner", "max_pages", "max_depth", "render", "created_ms", "last")
        yield lean({name: getattr(one, name) for name in names})


def read_pages(owner: str | None) -> Iterator[Record]:
    """Their pages with forms, by number."""
    for network in _of(owner):
        for one in pages.of(network.id):
            facts = {name: getattr(one, name) for name in FormPage.model_fields if name not in ("kind", "forms")}
            yield lean({**facts, "forms": list(one.forms)})


def _of(owner: str | None) -> list[stored.Network]:
    return [one for one in stored.every() if owner in (None, one.owner)]


def put(lines: Sequence[Network], merging: Merging) -> list[Outcome]:
    """What becomes of these networks."""
    return each(lines, lambda line: _put(line, merging))


def _put(line: Network, merging: Merging) -> Outcome:
    owner = merging.owner_of(line.owner)
    told = {name: getattr(line, name) for name in (*SETTINGS, "created_ms", "last")}
    there = stored.every()
    ours = next((one for one in there if (one.owner, one.url) == (owner, line.url)), None)
    if ours is None and len(there) >= network_checks.MOST_NETWORKS:
        return refused(f"there are {network_checks.MOST_NETWORKS:,} networks: remove one that is needed no more")
    number = ours.id if ours else line.id if not any(one.id == line.id for one in there) else 0
    theirs = network_checks.checked(replace(ours or stored.Network(number, owner=owner), **told))
    merging.numbers[line.id] = number
    if ours is not None and ours != theirs and not merging.theirs_win(_at(ours), _at(theirs)):
        return KEPT

    def write() -> None:
        made = replace(theirs, id=number or stored.next_number("network"))
        merging.numbers[line.id] = made.id
        stored.put_whole(made)

    return changed(merging, ours is not None, ours == theirs, write)


def _at(network: stored.Network) -> float:
    """When it was looked at last, as far as it says so (ms)."""
    found = network.last.get("at_ms")
    return float(found) if isinstance(found, int | float) else float(network.created_ms)


def put_pages(lines: Sequence[FormPage], merging: Merging) -> list[Outcome]:
    """What becomes of these pages; their networks come before them."""
    return each(lines, lambda line: _put_page(line, merging))


def _put_page(line: FormPage, merging: Merging) -> Outcome:
    network = merging.numbers.get(line.network)
    if network is None:
        return refused(f"network {line.network} is not in this file: import its line too")
    there = pages.numbers_of(network) if network else {}
    number = there.get(line.url) or (line.id if pages.find(line.id) is None else 0)
    theirs = pages.Page(
        number, network, line.url, line.title, line.within, tuple(line.forms), line.first_ms, line.last_ms, line.gone_ms
    )
    ours = pages.find(number) if line.url in there else None
    if ours is not None and ours != theirs and not merging.theirs_win(ours.last_ms, line.last_ms):
        return KEPT

    def write() -> None:
        made = replace(theirs, id=number or stored.next_number("page"))
        pages.put(made)
        stored.count_from("page", made.id)

    return changed(merging, ours is not None, ours == theirs, write)
