"""How well `parsing.contacts` reads recorded company and contact pages, and how fast.

    python benchmarks/contacts.py ../shared/corpus [--half a|b] [--misses KIND]

Recall: the share of what people marked on a page that is found. Precision: the share of what is found that they marked. Numbers
are compared by their last nine digits, texts without case and punctuation. `part` also counts a text that stands within another.
`shown`: the e-mail addresses that a reader sees. `--half` reads only the pages of half of the hosts.

People marked e-mails reliably only on `us_contact_pages`. They marked every mention of a town, a region, an organisation and a
person, also of those that the page's company only speaks of, and nothing that only a link or the markup says.
"""

import argparse
import gzip
import json
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import models
from parsing import charsets, contacts, emails, urls

#: Recall and precision of the phone library and of a plain pattern alone, as the corpus' README says.
BASELINES = {"phones": (0.941, 0.994), "e-mails": (1.0, 0.946), "shown": (1.0, 0.946)}
EXTENSION = re.compile(r"\b(?:EXT(?:N|ENSION)?\.?|X\.?)\s*\d")
MAILS = ("e-mails", "shown")
WORDS = re.compile(r"[^\W_]+")
Row = dict[str, Any]


class Kind(NamedTuple):
    """What is compared: which marks of people, and which values of ours."""

    marks: tuple[str, ...]
    ours: Callable[[models.Contacts], list[str]]


KINDS = {
    "phones": Kind(("TEL", "FAX"), lambda found: [one.e164.partition(";")[0] for one in found.phones]),
    "fax": Kind(("FAX",), lambda found: [one.e164.partition(";")[0] for one in found.phones if one.kind == "fax"]),
    "e-mails": Kind(("EMAIL",), lambda found: [one.address for one in found.emails]),
    "shown": Kind(("EMAIL",), lambda found: [one.address for one in found.emails if is_shown(one)]),
    "street": Kind(("STREET",), lambda found: [one.street for one in found.addresses if one.street]),
    "city": Kind(("CITY",), lambda found: [one.city for one in found.addresses if one.city]),
    "region": Kind(("STATE",), lambda found: [one.region for one in found.addresses if one.region]),
    "zipcode": Kind(("ZIPCODE",), lambda found: [one.zipcode for one in found.addresses if one.zipcode]),
    "hours": Kind(("HOURS",), lambda found: [one.written for one in found.hours]),
    "names": Kind(("ORG",), lambda found: [one.text for one in found.names]),
    "people": Kind(("PER",), lambda found: [one.name for one in found.people]),
}


def main() -> int:
    """Print the table; 1 where the folder is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("../shared/corpus"), help="folder of recorded pages")
    parser.add_argument("--half", choices=("a", "b"), help="only the pages of half of the hosts")
    parser.add_argument("--misses", choices=KINDS, help="print what is missed and what is too much")
    args = parser.parse_args()
    if not (args.corpus / "contacts" / "truth.jsonl").is_file():
        print(f"no recorded pages at {args.corpus}: name the folder that holds contacts/truth.jsonl", file=sys.stderr)
        return 1
    rows = [row for row in read(args.corpus) if args.half in (None, half_of(row))]
    began = time.perf_counter()
    found = [extracted(args.corpus, row) for row in rows]
    elapsed = time.perf_counter() - began
    print(f"{len(rows)} pages, {1000 * elapsed / max(len(rows), 1):.1f} ms a page\n")
    print(f"{'':10}{'marked':>8}{'found':>8}{'recall':>9}{'part':>7}{'precision':>11}{'part':>7}   baseline")
    for name in KINDS:
        print_kind(name, rows, found)
    if args.misses:
        print_misses(args.misses, rows, found)
    return 0


def read(corpus: Path) -> list[Row]:
    """The truth, one row a page."""
    lines = (corpus / "contacts" / "truth.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def half_of(row: Row) -> str:
    """Which half a page is in: by its host, where that is not known by its file."""
    host = (urls.host_of(row["base_url"] or "") or row["source"]).removeprefix("www.")
    return "ab"[zlib.crc32(host.encode()) % 2]


def extracted(corpus: Path, row: Row) -> models.Contacts:
    """Our contacts of a page."""
    body = gzip.decompress((corpus / row["source"]).read_bytes())
    base = row["base_url"] or ""
    return contacts.extract(decoded(body), url=base if base.startswith("http") else "")


def decoded(body: bytes) -> str:
    """The text of a page, by the charset it names."""
    return charsets.decode(body, None)[0]


def compared(row: Row, found: models.Contacts, name: str) -> tuple[list[str], list[str]]:
    """What people marked and what we found, each in its comparable form, each once."""
    kind = KINDS[name]
    marks = [mark for label in kind.marks for mark in row["entities"].get(label, ())]
    plain = digits if name in ("phones", "fax") else address if name in MAILS else words
    return [*dict.fromkeys(filter(None, map(plain, marks)))], [*dict.fromkeys(filter(None, map(plain, kind.ours(found))))]


def digits(text: str) -> str:
    """The last nine digits of a number, letters of a keypad read as digits."""
    text = EXTENSION.split(text.upper())[0]
    keypad = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
    return re.sub(r"\D", "", text if len(re.findall(r"\d", text)) >= 7 else text.translate(keypad))[-9:]


def address(text: str) -> str:
    """An address as an envelope has it: people marked some as they are spelled, `info at example dot com`."""
    return next((found for _, found in emails.find(text)), text).casefold()


def is_shown(one: models.Email) -> bool:
    """Whether a reader sees the address: people marked text, and no address that only a link has."""
    return one.written.casefold() in one.snippet.casefold() and one.source != "structured data"


def words(text: str) -> str:
    """A text without case and punctuation."""
    return " ".join(WORDS.findall(text.casefold()))


def counted(rows: list[Row], found: list[models.Contacts], name: str) -> Iterator[tuple[Row, str, bool, bool, bool]]:
    """Each mark and each finding: (row, text, is ours, is exact, is a part)."""
    for row, one in zip(rows, found, strict=True):
        if name in MAILS and "us_contact_pages" not in row["source"]:
            continue
        marks, ours = compared(row, one, name)
        for text in marks:
            yield row, text, False, text in ours, any(is_part(text, other) for other in ours)
        for text in ours:
            yield row, text, True, text in marks, any(is_part(text, other) for other in marks)


def is_part(one: str, other: str) -> bool:
    """Whether one text stands within the other, by whole words."""
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "


def print_kind(name: str, rows: list[Row], found: list[models.Contacts]) -> None:
    """One line of the table."""
    counts = list(counted(rows, found, name))
    marks, ours = [one for one in counts if not one[2]], [one for one in counts if one[2]]
    rates = [sum(bool(one[at]) for one in some) / max(len(some), 1) for some in (marks, ours) for at in (3, 4)]
    base = "recall {:.3f}, precision {:.3f}".format(*BASELINES[name]) if name in BASELINES else ""
    print(f"{name:10}{len(marks):8}{len(ours):8}{rates[0]:9.3f}{rates[1]:7.3f}{rates[2]:11.3f}{rates[3]:7.3f}   {base}".rstrip())


def print_misses(name: str, rows: list[Row], found: list[models.Contacts]) -> None:
    """What is missed, and what is too much."""
    for row, text, is_ours, _, is_near in counted(rows, found, name):
        if not is_near:
            print("too much" if is_ours else "missed  ", row["source"].rpartition("/")[2], "|", text)


if __name__ == "__main__":
    sys.exit(main())
