"""Parts of a page by selectors, its metas, and objects filled by a schema: nothing is guessed."""

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from errors import ArgumentError
from parsing import head_metas, schema_values, structured
from parsing.content import cuts

PAGE = "<nav>n</nav><main>m<div class=ad>x<p class=ad>y</p></div><p>t</p></main><footer>f</footer>"


def test_a_cut_page_has_the_parts_within_without_the_others() -> None:
    assert cuts.of(PAGE, ["main", "footer"], [".ad"]).text().split() == ["mtf"]
    assert cuts.of(PAGE, [], ["nav", "main .ad", "footer"]).text() == "mt"
    assert cuts.of(PAGE, [".none"]).text().strip() == ""


def test_a_part_within_another_comes_once() -> None:
    assert cuts.of(PAGE, ["main", "p"]).text().count("t") == 1


def test_a_page_stays_though_all_of_it_is_left_out() -> None:
    assert cuts.of(PAGE, [], ["html", "body", "*"]).body is not None


def test_metas_are_bounded_and_the_first_of_a_name_counts() -> None:
    many = "".join(f"<meta name=m{number} content=x>" for number in range(500))
    found = head_metas.of(LexborHTMLParser(f"<meta name=a content=1><meta name=a content=2><meta name=b>{many}"))
    assert found["a"] == "1" and "b" not in found and len(found) == head_metas.MAX_METAS


def filled(html: str, about: dict[str, Any] | None = None, **properties: Any) -> tuple[dict[str, Any], list[str]]:
    facts = structured.of(LexborHTMLParser(html), "https://a.example/")
    return schema_values.fill({"properties": properties}, facts, about or {})


LD = '<script type="application/ld+json">{"@type":"Product","name":"Oak","offers":{"@type":"Offer","price":"1,250.50"},'
LD += '"brand":{"@type":"Brand","name":"Trees"},"image":["/a.png","/b.png"],"isFragile":true}</script>'


def test_values_come_from_json_ld_opengraph_and_metadata_in_their_types() -> None:
    found, missing = filled(
        LD + "<meta property='og:site_name' content=Shop>",
        {"language": "en"},
        name={"type": "string"},
        price={"type": "number"},
        brand={"type": "string"},
        image={"type": "array", "items": {"type": "string"}},
        is_fragile={"type": "boolean"},
        site_name={"type": ["string", "null"]},
        language={},
        offers={"type": "object", "properties": {"price": {"type": "number"}}},
        weight={"type": "number"},
    )
    assert found == {
        "name": "Oak",
        "price": 1250.5,
        "brand": "Trees",
        "image": ["/a.png", "/b.png"],
        "is_fragile": True,
        "site_name": "Shop",
        "language": "en",
        "offers": {"price": 1250.5},
    }
    assert missing == ["weight"]


def test_a_value_of_another_type_is_missing_not_bent() -> None:
    assert filled(LD, name={"type": "number"}, brand={"type": "boolean"}) == ({}, ["name", "brand"])


@pytest.mark.parametrize(
    "schema", [{}, {"properties": {}}, {"properties": {"a": 5}}, {"properties": {str(n): {} for n in range(101)}}]
)
def test_a_schema_that_cannot_be_filled_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="schema"):
        schema_values.check(schema)
