"""Whose a contact is: of several on one line, of a role, of an example; and hours of one day."""

import pytest

from topics.business import facts
from topics.business.answers import Answerer

PAGE = """<html lang=en><p>Email: sales@acme-tools.com, press: press@acme-tools.com; jobs: hr@acme-tools.com</p>
<p>Sales (212) 555-2368 | Support (212) 555-2370 | Repairs (212) 555-2372</p><p>CEO: John Smith</p>
<p>Mon-Fri 9am-5pm, Sat 10am-2pm. On December 24 we close at noon.</p>
<p>Owner: Ada Roe, ada@acme-tools.com</p><p>New York, NY 10001</p>"""


def answered(html: str, question: str) -> str:
    page = facts.of_page({"url": "https://acme-tools.com/", "title": "", "fetched_at": ""}, html)
    told = Answerer(facts.of_site("acme-tools", "https://acme-tools.com/", [page], [])).answer(question)
    return str(told["answer"]) if told["found"] else ""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the email?", "sales@acme-tools.com"),
        ("What is the press email?", "press@acme-tools.com"),
        ("email for jobs?", "hr@acme-tools.com"),
        ("What is the support phone number?", "(212) 555-2370"),
        ("phone number of repairs", "(212) 555-2372"),
        ("What is the CEO's email?", ""),
        ("email of the owner", "ada@acme-tools.com"),
        ("When do you close on December 24?", "On December 24 we close at noon."),
    ],
)
def test_a_contact_is_the_one_that_its_own_label_names(question: str, answer: str) -> None:
    assert answered(PAGE, question) == answer


def test_an_example_in_a_form_is_no_address_of_the_business() -> None:
    assert answered("<p>Subscribe: you@example.com</p>", "What is the email?") == ""
    assert answered("<p>Sent by no-reply@acme-tools.com, ask info@acme-tools.com", "What is the email?") == "info@acme-tools.com"
