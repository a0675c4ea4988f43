"""How to reach a company is kept, wherever it stands on the page of the company."""

import pytest

from parsing import content
from parsing.content import contacts, lines
from tests.parsing.content import site

FOOT = (
    "Example Plumbing Ltd<br>12 Mill Street<br>Springfield, IL 62701<br>Phone: (217) 555-0143<br>mail@example.com<br>"
    "Mon - Fri: 8:00 am - 5:00 pm"
)
ABOUT = (
    '<main><h1>Plumbing for the whole county</h1><div class="services"><p>We repair pipes, boilers and bathrooms, day and '
    "night, and we answer the phone ourselves.</p>"
    "<h2>Our services</h2><ul><li>Boiler repair within a day</li><li>New bathrooms from one "
    "hand</li></ul></div></main>"
)


def company() -> content.Content:
    return content.extract(site.page(ABOUT, title="Example Plumbing", foot=FOOT), "https://plumbing.example.com/", extra=False)


def test_contact_lines_of_a_footer_stand_in_text_and_markdown_of_a_company_page() -> None:
    found = company()
    assert found.kind == "service"
    for words in ("12 Mill Street", "62701", "555-0143", "mail@example.com", "5:00 pm"):
        assert words in found.text and words.replace("@", "") in found.markdown.replace("@", "").replace("\\", "")
        assert any(words in line for line in found.contacts)
    assert "All rights reserved" not in found.text


def test_an_article_gets_no_address_of_its_publisher() -> None:
    html = site.article().replace("Follow us on all channels.", FOOT)
    assert "Mill Street" not in content.extract(html, "https://example.com/news/2026/flood-in-town", extra=False).text


@pytest.mark.parametrize(
    "text",
    [
        "12 Mill Street", "Springfield, IL 62701", "London SW1A 1AA", "Hauptstraße 12", "10115 Berlin", "1010 Wien",
        "P.O. Box 123", "(217) 555-0143", "Tel. 030 1234567", "+49 30 1234567", "Fax: 217-555-0144", "mail@example.com",
        "Mon-Fri 9am-5pm",
        "Montag bis Freitag 8:00 - 18:00 Uhr", "Saturday: closed 24", "12 rue de la Paix", "Open 10am to 6pm",
        "1 Infinite Loop Drive",
    ],
)  # fmt: skip
def test_a_contact_line_is_told(text: str) -> None:
    (line,) = lines.of(content.trees.parse(f"<p>{text}</p>")).lines
    assert contacts.is_contact(line)


@pytest.mark.parametrize(
    "text",
    [
        "Read more", "12 comments", "Posted on 28 November 2026", "Only $19.99 today", "Chapter 12 of 30", "© 2026 Example",
        "Version 1.2.3", "We have 250 employees", "4.5 out of 5 stars", "Page 1 of 2", "The year 2024 was good",
    ],
)  # fmt: skip
def test_another_line_is_none(text: str) -> None:
    (line,) = lines.of(content.trees.parse(f"<p>{text}</p>")).lines
    assert not contacts.is_contact(line)
