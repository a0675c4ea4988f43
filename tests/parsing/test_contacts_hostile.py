"""Pages made to take long, or to break: the time grows with the size, and no list grows without end."""

import dataclasses
import random

import pytest

from parsing import contacts
from tests import growth

SIZE = 2_000_000
UNITS = {
    "digits": "0123456789 ",
    "dashes": "1-2-3-4-(5)-",
    "capitals": "Aa Bb ",
    "one_word": "A",
    "letters": "a",
    "at": "a@a.",
    "local": "a.a.a.a.",
    "mails": "a1@b.com ",
    "zips": "Ny, NY 10001 ",
    "towns": "10115 Aa Bb Cc Dd ",
    "streets": "<br>1 Main St.<br>Springfield, IL 62701",
    "hours": "Mon-Fri 9:00 - 17:00 ",
    "days": "<br>Mon<br>9:00 - 17:00",
    "copyright": "© ",
    "years": "© 2014 - ",
    "names": "<p>Ada Bell, Director",
    "commas": ", ",
    "spaces": " \t&nbsp;",
    "japan": "東京都市区町村",
    "kanji": "一",
    "cards": "<div class='vcard'><b class='street-address'>1 A</b>",
    "flat_cards": "<p class='vcard'><b class='street-address'>1 A</b></p>",
    "addresses": "<address>1 A",
    "links": "<a href='tel:2125552368'>x</a>",
    "mailto": "<a href='mailto:a@b.com'>",
    "cloudflare": "<i data-cfemail='422b2c242d02273a232f322e276c212d2f'>x</i>",
    "fax": "fax ",
    "vanity": "1-800-A",
    "brackets": "info [at] ",
    "numbers": "+49 30 901820 ",
    "inc": "Inc Inc, ",
}


@pytest.mark.parametrize("name", UNITS)
def test_eight_times_the_page_takes_far_less_than_the_square_of_it(name: str) -> None:
    def work(size: int) -> None:
        unit = UNITS[name]
        found = contacts.extract("<title>x</title><p>" + unit * (size // len(unit.encode())), url="https://acme.com/")
        for field in dataclasses.fields(found):
            value = getattr(found, field.name)
            assert value is None or len(value) <= 1_000

    growth.assert_linear(work, SIZE)


def test_any_bytes_give_a_result() -> None:
    chance = random.Random(7)
    tokens = [
        *UNITS.values(),
        "<",
        ">",
        "\x00",
        "\ud800",
        "</p>",
        "<td>",
        "&#",
        "Tel: ",
        "©",
        "\n",
        "<script>",
        "</script>",
        "{",
        "☎",
    ]
    for _ in range(150):
        html = "".join(chance.choice(tokens) for _ in range(chance.randrange(60)))
        contacts.extract(html, url=chance.choice(["", "https://a.de/", "about:blank", "https://[::1]/"]))


def test_an_empty_page_has_no_contacts() -> None:
    for html in ("", "<html></html>", "<frameset><frame src=a></frameset>", "<script>1</script>"):
        found = contacts.extract(html, url="https://example.com/")
        assert not any((found.names, found.emails, found.phones, found.addresses, found.hours, found.social, found.people))


def test_the_footer_of_a_very_long_page_is_read_and_positions_hold() -> None:
    html = "<p>" + "lorem ipsum " * 100_000 + "<footer>Call (212) 555-2368</footer>"
    (found,) = contacts.extract(html, url="https://example.com/").phones
    assert found.e164 == "+12125552368" and found.snippet.startswith("Call")
