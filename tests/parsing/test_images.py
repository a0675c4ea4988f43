"""Images of hand-written pages."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import images

HERE = "https://example.com/a/"


def urls(html: str) -> list[str]:
    return [image.url.removeprefix(HERE) for image in images.of(LexborHTMLParser(html), HERE)]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<img src=a.png><img src=a.png>", ["a.png"]),
        ("<img src='data:image/gif;base64,R0' data-src=b.png>", ["b.png"]),
        ("<img src=blank.gif data-original=b.png>", ["b.png"]),
        ("<img src=a.png srcset='b.png 300w, c.png 900w, d.png 600w'>", ["c.png"]),
        ("<img src=a.png srcset='b.png, c.png 2x'>", ["c.png"]),
        ("<img data-srcset='b.png 1x,c.png 2x' src='data:,'>", ["c.png"]),
        ("<img srcset='/c_fill,w_900/x.png 900w'>", ["https://example.com/c_fill,w_900/x.png"]),
        ("<picture><source srcset='w.webp 2x'><img src=a.png></picture>", ["w.webp"]),
        ("<img src=''><img><img src='data:image/png;base64,AA'>", []),
        ("<img srcset='data:image/gif;base64,R0lGOD 1w' src=a.png>", ["a.png"]),
        ("<video poster=p.jpg></video><input type=image src=go.png>", ["p.jpg", "go.png"]),
        ("<noscript><img src=n.png></noscript>", ["n.png"]),
        ("<img data-src='{{ product.image }}' src=a.png>", ["a.png"]),
    ],
)
def test_the_best_address_of_an_image_is_taken(html: str, found: list[str]) -> None:
    assert urls(html) == found


@pytest.mark.parametrize(
    ("srcset", "found"),
    [
        ("a,b,,c,", ["a,b,,c"]),
        ("a, b,, c,", ["a", "b", "c"]),
        ("a (b,c),d", ["a", "d"]),
        ("a 1x , b 1x", ["a", "b"]),
        ("x/filters:fixed(1,2):o()/a.jpg 1w,y.jpg 1w", ["x/filters:fixed(1,2):o()/a.jpg", "y.jpg"]),
        ("data:image/png;base64,iK= 1x, b 1x", ["data:image/png;base64,iK=", "b"]),
        ("a (((", ["a"]),
    ],
)
def test_commas_in_addresses_and_brackets_are_no_separators(srcset: str, found: list[str]) -> None:
    assert [url for url, _ in images.candidates(srcset)] == found


def test_alt_text_and_sizes_are_read() -> None:
    page = LexborHTMLParser("<img src=a alt='An  oak' width=640 height='480px'><img src=b alt=''><img src=c width=100%>")
    found = [(image.alt, image.width, image.height) for image in images.of(page, HERE)]
    assert found == [("An oak", 640, 480), ("", None, None), (None, None, None)]


@pytest.mark.parametrize(
    "srcset", [" " * 40_000, "," * 40_000, "a " * 20_000, "a," * 20_000, "a (" * 13_000, "a " + "(" * 39_000, "1w " * 13_000]
)
def test_a_hostile_srcset_is_read_in_one_pass(srcset: str) -> None:
    assert len(images.candidates(srcset)) <= 20_000


def test_one_picture_of_many_sources_and_images_is_read_once() -> None:
    page = LexborHTMLParser("<picture>" + "<source srcset='a 1x'>" * 5_000 + "<img src=b>" * 5_000 + "</picture>")
    assert [image.url for image in images.of(page, HERE)] == ["https://example.com/a/a"]
