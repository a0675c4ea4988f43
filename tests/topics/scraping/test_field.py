"""What people report of crawlers, tried on a site on loopback: robots.txt, sitemaps, redirects, encodings, loops, limits."""

import gzip
from typing import Any

import pytest

from jobs import scrape
from tests.topics.scraping import site as sites
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page, sends_to
from topics.scraping import crawl, progress, stored

pytestmark = pytest.mark.usefixtures("polite", "store")

XML = '<?xml version="1.0" encoding="{}"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def crawled(site: Site, work_off: Work, start: str = "/", **options: Any) -> dict[str, dict[str, Any]]:
    """The records of a crawl by the path of their address."""
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}{start}", QUICK | options)
    work_off(300)
    return {record["url"].removeprefix(site.url): record for record in stored.records(made.job_id)}


def done(records: dict[str, dict[str, Any]]) -> set[str]:
    return {path for path, record in records.items() if record["outcome"] == "done"}


def locs(site: Site, *paths: str) -> str:
    return "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in paths)


def test_robots_of_a_port_are_asked_at_that_port_and_the_first_page_once(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/private/a", "/b"), "/b": page("B"), "/private/a": page("A")}
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    assert done(crawled(site, work_off)) == {"/", "/b"}
    assert (site.times("/"), site.times("/private/a"), site.times("/robots.txt")) == (1, 0, 1)


def test_rules_are_followed_to_another_host(site: Site, work_off: Work) -> None:
    rules = Answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    with sites.served({"/rules.txt": rules}) as other:
        site.pages |= {"/": page("Home", "/private/a", "/b"), "/b": page("B"), "/private/a": page("A")}
        site.pages["/robots.txt"] = sends_to(f"{other.url}/rules.txt")
        assert done(crawled(site, work_off)) == {"/", "/b"}
        assert other.times("/rules.txt") == 1 and site.times("/private/a") == 0


@pytest.mark.parametrize("status", [429, 500, 503])
def test_rules_that_could_not_be_had_are_no_permission(site: Site, work_off: Work, status: int) -> None:
    site.pages |= {"/": page("Home", "/b"), "/b": page("B"), "/robots.txt": Answer(status=status)}
    crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    work_off(8)
    assert site.requests == 0


def test_a_redirect_into_what_is_forbidden_is_not_requested(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/go"), "/go": sends_to("/private/a"), "/private/a": page("A")}
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    crawled(site, work_off)
    assert site.times("/go") == 1 and site.times("/private/a") == 0


SITEMAPS: dict[str, Any] = {
    "cdata": lambda site: XML.format("utf-8", f"<url><loc><![CDATA[{site.url}/alone]]></loc></url>"),
    "mark": lambda site: b"\xef\xbb\xbf" + XML.format("utf-8", locs(site, "/alone")).encode(),
    "blanks": lambda site: "\n\n  " + XML.format("utf-8", locs(site, "/alone")),
    "latin": lambda site: XML.format("iso-8859-1", "<!-- é -->" + locs(site, "/alone")).encode("latin-1"),
    "wide": lambda site: XML.format("utf-16", locs(site, "/alone")).encode("utf-16"),
    "text": lambda site: f"{site.url}/alone\r\n",
    "relative": lambda site: XML.format("utf-8", "<url><loc>/alone</loc></url>"),
    "spaces": lambda site: XML.format("utf-8", f"<url><loc>\n   {site.url}/alone\n  </loc></url>"),
}


@pytest.mark.parametrize("packed", ["plain", "gz", "gz in name only", "twice"])
@pytest.mark.parametrize("kind", sorted(SITEMAPS))
def test_a_sitemap_is_read_however_it_is_written(site: Site, work_off: Work, kind: str, packed: str) -> None:
    body = SITEMAPS[kind](site)
    body = body if isinstance(body, bytes) else body.encode()
    name, headers = ("/map.txt" if kind == "text" else "/map.xml"), {}
    if packed != "plain":
        name += ".gz"
    if packed in ("gz", "twice"):
        body = gzip.compress(body)
    if packed == "twice":
        body, headers = gzip.compress(body), {"Content-Encoding": "gzip"}
    site.pages |= {
        "/": page("Home"),
        "/alone": page("Alone"),
        name: Answer(body, headers=headers, kind="application/octet-stream"),
    }
    site.pages["/robots.txt"] = Answer(f"Sitemap: {site.url}{name}\n", kind="text/plain")
    assert done(crawled(site, work_off)) == {"/", "/alone"}


def test_a_broken_sitemap_ends_neither_the_crawl_nor_the_other_sitemaps(site: Site, work_off: Work) -> None:
    broken = gzip.compress(XML.format("utf-8", locs(site, "/a") * 500).encode())[:-40]
    site.pages |= {"/": page("Home"), "/alone": page("Alone"), "/broken.xml.gz": Answer(broken, kind="application/gzip")}
    site.pages["/junk.xml.gz"] = Answer(b"\x1f\x8bno gzip", kind="application/gzip")
    site.pages["/good.xml"] = Answer(XML.format("utf-8", locs(site, "/alone")), kind="text/xml")
    names = ("/junk.xml.gz", "/broken.xml.gz", "/none.xml", "/good.xml")
    site.pages["/robots.txt"] = Answer("".join(f"Sitemap: {site.url}{name}\n" for name in names), kind="text/plain")
    assert {"/", "/alone"} <= done(crawled(site, work_off))


@pytest.mark.parametrize("where", ["//{host}/b", "///{host}/b", "\t/b ", "/b#part", "?x=1", "HTTP://{host}/b", "/é"])
def test_a_redirect_goes_where_a_browser_goes(site: Site, work_off: Work, where: str) -> None:
    host = site.url.removeprefix("http://")
    for path in ("/b", "/go?x=1", "/%C3%A9"):
        site.pages[path] = page(f"Target {path}")
    target = where.format(host=host).encode().decode("latin-1")
    site.pages |= {"/": page("Home", "/go"), "/go": sends_to(target)}
    expected = {"?x=1": "/go?x=1", "/é": "/%C3%A9"}.get(where, "/b")
    assert done(crawled(site, work_off)) == {"/", expected}


def test_spellings_of_one_address_are_one_page(site: Site, work_off: Work) -> None:
    host = site.url.removeprefix("http://")
    spelled = [
        f"http://{host}",
        f"http://{host}/#main",
        "#footer",
        "/./",
        "/a/../",
        "/b",
        "/b#top",
        "/%62",
        "//%62",
        f"HTTP://{host}/b",
    ]
    site.pages |= {"/": page("Home", *spelled), "/b": page("B", *spelled), "/%62": page("B"), "//%62": page("B")}
    assert done(crawled(site, work_off)) == {"/", "/b"}
    assert site.times("/") == site.times("/b") == 1 and site.requests == 2


@pytest.mark.parametrize(
    "base", ['<base href="./">', '<base href="/docs/">', '<base target="_top">', '<base href="" target="..">']
)
def test_a_base_is_read_as_a_browser_reads_it(site: Site, work_off: Work, base: str) -> None:
    site.pages |= {"/docs/": page("Docs", "one", head=base), "/docs/one": page("One", "one", head=base)}
    assert done(crawled(site, work_off, "/docs/")) == {"/docs/", "/docs/one"}
    assert site.requests == 2


def test_a_link_within_the_page_does_not_ask_for_its_folder(site: Site, work_off: Work) -> None:
    site.pages |= {"/box/test.html": page("Test", "#test"), "/box/": page("Box")}
    crawled(site, work_off, "/box/test.html")
    assert site.requests == 1


def test_names_of_namespaces_and_profiles_are_no_links(site: Site, work_off: Work) -> None:
    html = (
        page("Home")
        .replace("<html>", f'<html xmlns="{site.url}/1" xmlns:og="{site.url}/2">')
        .replace("<head>", '<head profile="/3">')
    )
    site.pages["/"] = html
    crawled(site, work_off)
    assert site.requests == 1


def test_a_path_that_grows_by_itself_comes_to_an_end(site: Site, work_off: Work) -> None:
    class Endless(dict[str, Any]):
        def __missing__(self, path: str) -> Any:
            if path.endswith((".txt", ".xml", ".gz")):
                raise KeyError(path)
            return page(f"Page {path}", "infra/www/", text="The same page stands under each of its addresses. " * 8)

        def get(self, path: str, default: Any = None) -> Any:
            try:
                return self[path]
            except KeyError:
                return default

    site.pages = Endless()
    records = crawled(site, work_off, expected_pages=200)
    assert len(done(records)) < 12 and site.requests < 15


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("gbk", "text/html", '<meta http-equiv="Content-Type" content="charset=gbk">'),
        ("gb2312", "text/html;charset=utf-8", '<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />'),
        ("shift_jis", "text/html", '<meta charset="Shift_JIS">'),
        ("shift_jis", "text/html; charset=ISO-8859-1", '<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">'),
        ("euc_jp", "text/html; charset=ISO-8859-1", '<meta charset="euc-jp">'),
        ("gbk", "text/html; charset=windows-1252", '<meta charset="gbk">'),
        ("iso-2022-jp", "text/html", '<meta charset="iso-2022-jp">'),
        ("big5", "text/html; charset=big5", ""),
    ],
)
def test_a_title_is_read_in_the_encoding_that_the_page_is_in(
    site: Site, work_off: Work, encoding: str, header: str, meta: str
) -> None:
    title = "日本" if encoding != "big5" else "家居"
    html = (
        page("x", text=f"{title} " * 60, head=meta)
        .replace("<title>x</title>", "")
        .replace("</head>", f"<title>{title}</title></head>")
    )
    site.pages["/"] = Answer(html.encode(encoding), kind=header)
    assert crawled(site, work_off)["/"]["title"] == title


def test_a_bound_of_pages_is_exact_and_a_crawl_goes_on_with_another(site: Site, work_off: Work) -> None:
    names = [f"/p/{number}" for number in range(40)]
    site.pages |= {"/": page("Home", *names)} | {name: page(name, *names) for name in names}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"expected_pages": 10})
    work_off(100)
    assert progress.of(made.job_id).counts["done"] == 10 and site.requests == 10
    crawl.go_on(made.job_id, 25)
    work_off(100)
    assert progress.of(made.job_id).counts["done"] == 25 and site.requests == 25


@pytest.mark.parametrize("place", ["/sitemap_index.xml", "/sitemap-index.xml"])
def test_a_sitemap_that_nobody_names_is_found_where_programs_write_it(site: Site, work_off: Work, place: str) -> None:
    site.pages |= {"/": page("Home"), "/a": page("A"), "/robots.txt": Answer("User-agent: *\nAllow: /", kind="text/plain")}
    site.pages[place] = Answer(XML.format("utf-8", locs(site, "/a")), kind="text/xml")
    assert done(crawled(site, work_off)) == {"/", "/a"}


def test_a_page_in_another_language_is_found_by_the_sitemap(site: Site, work_off: Work) -> None:
    link = f'<xhtml:link rel="alternate" hreflang="de" href="{site.url}/de/a"/>'
    entry = f"<url><loc>{site.url}/a</loc>{link}</url>"
    site.pages |= {"/": page("Home"), "/a": page("A"), "/de/a": page("Ah")}
    site.pages["/sitemap.xml"] = Answer(XML.format("utf-8", entry), kind="text/xml")
    assert done(crawled(site, work_off)) == {"/", "/a", "/de/a"}
    assert site.times("/sitemap_index.xml") == 0


def naming(name: str, own: str) -> str:
    return page(name, head=f'<link rel="canonical" href="{own}">')


def test_a_page_whose_own_address_is_gone_is_read_itself(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": naming("A", "/gone")}
    seen = crawled(site, work_off)
    assert done(seen) == {"/", "/a"} and seen["/gone"]["outcome"] == "failed"


def test_of_two_pages_that_name_each_other_one_is_read(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a", "/b"), "/a": naming("A", "/b"), "/b": naming("B", "/a")}
    assert len(done(crawled(site, work_off))) == 2


def test_a_page_whose_own_address_sends_back_to_it_is_read(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a", "/c/", "/c"), "/a": naming("A", "/a/"), "/a/": sends_to("/a")}
    site.pages |= {"/c": naming("C", "/c/"), "/c/": sends_to("/c")}
    assert done(crawled(site, work_off)) == {"/", "/a", "/c"}


def test_a_page_gives_way_to_one_that_sends_on_to_a_third(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": naming("A", "/b"), "/b": sends_to("/c"), "/c": page("C")}
    assert done(crawled(site, work_off)) == {"/", "/c"} and site.asked["/a"] == 1


def test_a_page_whose_own_address_robots_may_not_read_is_read(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": naming("A", "/private/a"), "/private/a": page("P")}
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    assert done(crawled(site, work_off)) == {"/", "/a"}


def test_pages_that_only_the_head_names_are_found(site: Site, work_off: Work) -> None:
    named = '<link rel="next" href="/2"><link rel="alternate" hreflang="de" href="/de"><link rel="icon" href="/icon">'
    site.pages |= {"/": page("Home", head=named), "/2": page("Two"), "/de": page("German")}
    assert done(crawled(site, work_off)) == {"/", "/2", "/de"} and site.times("/icon") == 0


def test_the_page_of_a_wiki_about_a_file_is_a_page(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/wiki/File:Cat.jpg", "/cat.jpg"), "/wiki/File:Cat.jpg": page("A cat")}
    assert done(crawled(site, work_off)) == {"/", "/wiki/File:Cat.jpg"} and site.times("/cat.jpg") == 0
