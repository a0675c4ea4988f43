"""Whose a contact is where several stand together: the words of its own label, and those of the mailbox itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from parsing import questions
from parsing.questions import Question
from topics.business.evidence import Pages

#: Contacts of which several stand on one line, each with a label.
LABELLED = ("email", "phone", "fax")

#: Where another contact ends, or another part of a line.
OTHER = re.compile(r"\S+@\S+|\+?\(?\d[\d ()./-]{5,}\d|[;|•·]")

#: Several things are asked for, not one thing of somebody.
SEVERAL = re.compile(r"\b(?:and|und|et|y|e|och|og|en|i)\b|[&,+;]", re.IGNORECASE)


def distance(
    pages: Pages, asked: Question, wish: str, fact: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]
) -> tuple[bool, bool]:
    """How far the words besides are: whether they lack in the label of the contact itself, and in its line."""
    wanted, address = set(asked.besides), str(fact["address"]) if wish == "email" else ""
    is_near = wish not in LABELLED or any(wanted <= words(pages, one, address) for one in evidence)
    return not is_near, not any(wanted <= set(questions.concepts(one["snippet"])) for one in evidence)


def words(pages: Pages, evidence: Mapping[str, Any], address: str = "") -> set[str]:
    """The words right before a contact, as they are compared, and those of the mailbox: `Press: press@example.com`."""
    label = OTHER.split(pages.before(evidence).rpartition("\n")[2])[-1]
    return set(questions.concepts(f"{label} {re.sub(r'[._+-]', ' ', address.partition('@')[0])}"))


def is_of(role: str, pages: Pages, evidence: Mapping[str, Any]) -> bool:
    """Whether the line of a contact speaks of this role up to it."""
    return questions.says(role, pages.before(evidence)) or questions.says(role, str(evidence["snippet"]))


def role_of(text: str, wants: tuple[str, ...], roles: tuple[str, ...]) -> str:
    """Whose contact a question asks for: the mail of the director; "" where it asks for no role, or for both of them."""
    return "" if SEVERAL.search(text) else next((wish for wish in wants if wish in roles), "")
