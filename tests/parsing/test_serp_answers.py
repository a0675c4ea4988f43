"""A page that answers itself: no failure for ever, and never a drop that was none."""

import pytest

import models
from parsing import serp
from tests.parsing.pages import page, result, stats

ONLY, FAILURE = models.PageClass.ANSWER_ONLY, models.PageClass.PARSE_FAILURE
CALCULATOR = '<div class="card-section"><div id="cwos" class="vk_c">3</div></div>'
CLOCK = '<div class="vk_c"><div class="vk_bk">12:04</div><span>Time in Oslo</span></div>'
KNOWN = '<div data-attrid="kc:/location/location:height"><div role="heading">8,849 m</div></div>'
PACK = (
    '<div class="VkpGBb"><a class="rllt__link" href="#"><div role="heading"><span>Oak &amp; Sons</span></div></a>'
    '<a class="yYlJEf" href="https://oak.test/">Website</a><a href="/maps/dir//Oak">Directions</a></div>'
)
AD = '<div id="tads"><div data-text-ad="1"><a href="https://ad.test/"><div role="heading">An ad</div></a></div></div>'
ALL = '<a href="/search?q=1%2B2&amp;aomd=1">All results</a>'


@pytest.mark.parametrize("block", [CALCULATOR, CLOCK, KNOWN, PACK, CALCULATOR + ALL, AD + PACK])
def test_a_lone_answer_or_map_is_a_page_of_its_own_kind(block: str) -> None:
    read = serp.parse(page(block))

    assert (read.page_class, read.organic, read.query) == (ONLY, (), "qzxv")


def test_an_answer_above_results_is_an_ordinary_page() -> None:
    assert serp.parse(page(CALCULATOR, result("https://a.test/"))).page_class is models.PageClass.RESULTS


UNREAD = [
    '<div class="n1"><a href="https://a.test/"><div role="heading">A title in new markup</div></a></div>',
    '<div class="n1"><div role="heading"><a href="https://a.test/">Short</a></div></div>',
    '<div class="n1"><a href="https://a.test/"><div class="n2">A title without any heading at all</div></a></div>',
    '<div class="n1"><a href="https://a.test/">Oak</a><cite>https://a.test</cite></div>',
    '<div class="n1"><a href="/goto?url=CAES">A title behind an opaque link</a></div>',
    "".join(f'<a href="https://a{number}.test/">Oak</a>' for number in range(9)),
]


@pytest.mark.parametrize("unread", UNREAD)
def test_anything_that_may_be_a_result_makes_the_page_unknown(unread: str) -> None:
    for block in (CALCULATOR, PACK):
        read = serp.parse(page(block, unread))
        assert read.page_class in (FAILURE, models.PageClass.RESULTS)


@pytest.mark.parametrize(
    "html",
    [
        page(AD),  # Google sends ads without the results to clients it doubts
        page(),
        page(CALCULATOR).replace("</body></html>", ""),
        page(CALCULATOR, stats=stats("About 1,230 results")),
        page(CALCULATOR, bottom='<a id="pnnext" href="/search?q=qzxv&amp;start=10">Next</a>'),
        page(CALCULATOR, bottom='<a href="/search?q=qzxv&amp;start=10">2</a>'),
        CALCULATOR,
    ],
)
def test_without_all_the_evidence_the_page_is_unknown(html: str) -> None:
    assert serp.parse(html).page_class is FAILURE
