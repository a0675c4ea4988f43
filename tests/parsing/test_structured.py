"""Structured data of hand-written pages, and of the recorded ones of other projects."""

import gzip
import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import json_ld, microdata, structured
from tests.parsing import samples

HERE = "https://example.com/a/"


def read(html: str) -> structured.Structured:
    found = structured.of(LexborHTMLParser(html), HERE)
    json.dumps([found.json_ld, found.microdata, found.opengraph], allow_nan=False).encode()
    return found


def script(text: str) -> str:
    return f'<script type="application/ld+json; charset=utf-8">{text}</script>'


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('[{"a": 1}, [{"a": 2}]]', [{"a": 1}, {"a": 2}]),
        ('<!-- {"a": 1} -->', [{"a": 1}]),
        ('//<![CDATA[\n{"a": 1}\n//]]>', [{"a": 1}]),
        ('/* <![CDATA[ */ {"a": 1} /* ]]> */', [{"a": 1}]),
        ('{"a": [1, 2,], "b": 3,}', [{"a": [1, 2], "b": 3}]),
        ('{"a": 1,, "b": [,2]}', [{"a": 1, "b": [2]}]),
        ('{"a": 1, /* the last */ }', [{"a": 1}]),
        ('// John allocated 5 hours\n{"a": "http://x"}', [{"a": "http://x"}]),
        ('{"a": "one\ntwo\ttab"}', [{"a": "one\ntwo\ttab"}]),
        ('{"a": 1};', [{"a": 1}]),
        ('{"a": 1}{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1},\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        (r'{"a": "it\'s \d"}', [{"a": "it's \\d"}]),
        ('// <![CDATA[\n{"a": 1}\n// ]]&gt;', [{"a": 1}]),
        ('{"a": "the "best" oak", "b": ["x "y" z"]}', [{"a": 'the "best" oak', "b": ['x "y" z']}]),
        ("{&quot;a&quot;: &quot;b&quot;}", [{"a": "b"}]),
        ('{"a": "Tom &amp; Jerry &#39;x&#39;"}', [{"a": "Tom & Jerry 'x'"}]),
        ('{"a": NaN, "b": Infinity, "c": 1e999}', [{"a": None, "b": None, "c": "1e999"}]),
        (r'{"a": "\ud800"}', [{"a": "\ufffd"}]),
        ('{"a": ' + "9" * 5_000 + "}", [{"a": "9" * 5_000}]),
        ('{"a": "not, ] // a comma,}"}', [{"a": "not, ] // a comma,}"}]),
        ("", []),
        ("null", []),
        ("{{ page.schema }}", []),
        ('{"a": "cut of', []),
    ],
)
def test_json_ld_is_read_where_only_one_reading_is_possible(text: str, values: list[Any]) -> None:
    assert read(script(text)).json_ld == values


def test_what_could_not_be_read_or_was_mended_is_named() -> None:
    page = script('{"a":1}') + script('{"a":1,}') + script("{x}") + script("[" * 100_000)
    problems = read(page).problems
    assert [problem.partition(" (")[0] for problem in problems] == [
        "JSON-LD 2: mended",
        "JSON-LD 3: not read",
        "JSON-LD 4: too deep",
    ]


def test_a_script_that_is_mended_says_so_only_then() -> None:
    assert read(script('{"a": "b // c, ]"}')).problems == []


def test_microdata_of_nested_items_with_addresses_and_times() -> None:
    html = """<div itemscope itemtype="https://schema.org/Product https://schema.org/Thing" itemid="/p/1">
      <h1 itemprop=name>Oak <b>tab</b>le</h1> <a itemprop=url href=oak>x</a>
      <img itemprop=image src=/1.jpg><img itemprop=image src=/2.jpg>
      <div itemprop=offers itemscope itemtype=https://schema.org/Offer><span itemprop=price content=12.50>12,50</span>
      <time itemprop=validThrough datetime=2026-01-01>soon</time></div></div>"""
    assert read(html).microdata == [
        {
            "type": ["https://schema.org/Product", "https://schema.org/Thing"],
            "id": "https://example.com/p/1",
            "properties": {
                "name": "Oak table",
                "url": "https://example.com/a/oak",
                "image": ["https://example.com/1.jpg", "https://example.com/2.jpg"],
                "offers": {"type": "https://schema.org/Offer", "properties": {"price": "12.50", "validThrough": "2026-01-01"}},
            },
        }
    ]


def test_itemref_adds_properties_and_a_loop_of_it_ends() -> None:
    html = "<p itemscope itemref='a'></p><div id=a><b itemprop=x>1</b><i id=b itemprop=y itemscope itemref=a></i></div>"
    assert read(html).microdata == [{"properties": {"x": "1", "y": {"properties": {"x": "1"}}}}]


def test_itemref_to_much_from_many_items_is_bounded() -> None:
    html = "<p itemscope itemref=big></p>" * 3_000 + "<div id=big>" + "<b itemprop=a>x</b>" * 3_000 + "</div>"
    assert sum(len(item["properties"]["a"]) for item in read(html).microdata) <= microdata.MAX_PROPERTIES


def test_rdfa_lite_is_read_and_open_graph_is_no_part_of_it() -> None:
    html = """<body vocab=http://schema.org/ typeof=Article><meta property=og:title content=No>
      <h1 property=name>Oak</h1><p property=author typeof=Person><a property=url href=/ada>Ada</a></p></body>"""
    author = {"type": "Person", "properties": {"url": "https://example.com/ada"}}
    assert read(html).rdfa == [{"type": "Article", "properties": {"name": "Oak", "author": author}}]


def test_meta_tags_are_gathered_by_their_kind() -> None:
    html = """<meta property=og:title content="A &amp; B"><meta name=og:image content=/1.png>
      <meta property=og:image content=/2.png>
      <meta property="og:empty" content=""><meta name=TWITTER:Card content=summary><meta name=DC.Title content=T>
      <link rel=DCTERMS.references href=/r><meta name=description content=no>"""
    found = read(html)
    assert found.opengraph == {"og:title": "A & B", "og:image": ["/1.png", "/2.png"]}
    assert (found.twitter, found.dublin_core) == ({"twitter:card": "summary"}, {"dc.title": "T", "dcterms.references": "/r"})


def test_the_objects_of_all_kinds_are_walked_in_one_form() -> None:
    html = script(
        '{"@graph": [{"@type": "schema:Article", "author": {"@id": "#me"}}, {"@id": "#me", "@type": ["Person"], "name": "Ada"}]}'
    )
    html += "<p itemscope itemtype=http://schema.org/Event><b itemprop=name>Fair</b></p>"
    found = read(html)
    kinds = [node["@type"] for node in structured.nodes(found) if "@type" in node]
    assert kinds == [["Event"], ["Article"], ["Person"]]
    assert structured.by_id(found)["#me"]["name"] == "Ada"


@pytest.mark.parametrize(
    "html",
    [
        script("[" * 300_000), script('{"a":' * 50_000 + "1" + "}" * 50_000), script("[" + "," * 500_000 + "]"),
        script('"' * 900_001), script('{"a":' + '\\"' * 400_000), script("<b class=x>" + 'y="z" ' * 100_000),
        script('{"a":"' + "\\" * 900_000), script("/*" * 500_000), script("[" + ", " * 500_000), script("<!--" * 300_000),
        "<div itemscope itemprop=a>" * 300, "<div itemscope>" + "<div itemprop=a>" * 300 + "word " * 200_000,
    ],
)  # fmt: skip
def test_hostile_pages_are_read_in_bounded_time_and_size(html: str) -> None:
    found = read(html)
    assert len(json.dumps([found.json_ld, found.microdata])) < 3 * (json_ld.MAX_CHARS + microdata.MAX_CHARS)


def _squeezed(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(json_ld.clean(value).split())
    if isinstance(value, dict):
        return {key: _squeezed(one) for key, one in value.items()}
    return [_squeezed(one) for one in value] if isinstance(value, list) else value


def _lists(metas: dict[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in metas.items()}


def test_the_pages_of_other_projects_are_read_at_least_as_well() -> None:
    samples.need_corpus()
    for line in (samples.CORPUS / "structured" / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        expected = row["expected"]
        html = gzip.decompress((samples.CORPUS / row["file"]).read_bytes()).decode("utf-8", "replace")
        found = structured.of(LexborHTMLParser(html), row["base_url"])
        values = [value for value in expected["json-ld"] if value not in (None, False, "")]
        assert [value for value in _squeezed(found.json_ld) if value is not False] == _squeezed(values), row["file"]
        assert _squeezed(found.microdata) == _squeezed(expected["microdata"]), row["file"]
        for graph in expected["opengraph"]:
            for name, content in graph["properties"]:
                assert _squeezed(content) in _lists(_squeezed(found.opengraph))[name], row["file"]
        for core in expected["dublincore"]:
            told = [one for one in core["elements"] + core["terms"] if "." in one.get("name", "") and "content" in one]
            assert all(_squeezed(one["content"]) in _lists(_squeezed(found.dublin_core))[one["name"].lower()] for one in told)
