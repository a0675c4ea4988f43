"""How well `parsing.serp` reads recorded Google pages, and how fast.

    python benchmarks/serp_accuracy.py ../shared/corpus

Accuracy: a page is exact if every organic address is at its position and nothing else is counted. If the truth of a page is only
a number, the page is exact if the number and the asserts agree. Precision and recall are over all addresses. "rotated" replaces
every
class name that the rules know, as after a change at Google.

What bounds the figures is the truth itself. Two thirds of it is the agreement of two other parsers. Some pages share a file name
with a page of another device, so that not all of their asserts can hold. WebSearcher's features miss localised blocks ("People
also ask" in Polish), which counts against our precision.

Time is CPU time on one core, beside the bare trees of selectolax and lxml of the same page in the same run. Memory bounds all of
them, so a busy machine slows all of them.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
from selectolax.lexbor import LexborHTMLParser

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import models
from parsing import serp, serp_features, serp_organic, urls

ROUNDS = 7  # the best of so many parses of a page counts
Row = dict[str, Any]


def main() -> int:
    """Print every table; 1 where the folder is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("../shared/corpus"), help="folder of recorded pages")
    corpus: Path = parser.parse_args().corpus
    if not (corpus / "serp" / "truth.jsonl").is_file():
        print(f"no recorded pages at {corpus}: name the folder that holds serp/truth.jsonl", file=sys.stderr)
        return 1
    rows = read(corpus / "serp" / "truth.jsonl")
    pages = {row["file"]: gzip.decompress((corpus / row["file"]).read_bytes()) for row in rows}
    print_accuracy(rows, pages)
    print_classes(corpus, rows, pages)
    print_opaque(corpus, rows)
    print_features(rows, pages)
    print_speed(pages)
    return 0


def read(path: Path) -> list[Row]:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def print_accuracy(rows: list[Row], pages: dict[str, bytes]) -> None:
    """Exact order, precision, recall per source, year, device and render."""
    table: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        key = (row["file"].split("/")[1], row["captured"][:4], row["device"], row["render"])
        table[key] += judge(row, serp.parse(pages[row["file"]]))
        if row.get("organic"):
            table[key]["rotated"] += judge(row, serp.parse(rotated(pages[row["file"]])))["exact"]
    print(f"{'source':24} {'year':5} {'device':8} {'render':8} {'exact':>8} {'precision':>9} {'recall':>7} {'rotated':>8}")
    for (source, year, device, render), count in sorted(table.items()):
        listed = bool(count["wanted"])
        precision, recall = (f"{ratio(count['hit'], count[name]):.3f}" if listed else "-" for name in ("found", "wanted"))
        drift = f"{count['rotated']}/{count['pages']}" if listed else "-"
        exact = f"{count['exact']}/{count['pages']}"
        print(f"{source:24} {year:5} {device:8} {render:8} {exact:>8} {precision:>9} {recall:>7} {drift:>8}")


def judge(row: Row, page: models.SerpPage) -> Counter[str]:
    """Counts of one page: pages, exact, and, where the truth lists addresses, wanted, found, hit."""
    found = [result.url for result in page.organic]
    if row.get("organic"):
        wanted = [result["url"] for result in row["organic"]]
        hit = sum((Counter(found) & Counter(wanted)).values())
        return Counter(pages=1, exact=int(found == wanted), wanted=len(wanted), found=len(found), hit=hit)
    right = row["organic_count"] in (None, len(found)) and all(holds(assertion, page) for assertion in assertions(row))
    return Counter(pages=1, exact=int(right))


def assertions(row: Row) -> Iterator[tuple[int, str, str]]:
    """(position, field, value) of everything the truth says of single results."""
    for each in row.get("asserts") or ():
        yield each["position"], each["field"], each["value"]
    classical = (result for result in row.get("results") or () if "CLASSICAL" in result["types"])
    for position, result in enumerate(classical, 1):
        yield from ((position, field, result[field]) for field in ("url", "title") if result[field])


def holds(assertion: tuple[int, str, str], page: models.SerpPage) -> bool:
    """Whether one result is right."""
    position, field, value = assertion
    if position > len(page.organic):
        return False
    result = page.organic[position - 1]
    return value == {"url": result.url, "title": result.title, "domain": urls.host_of(result.url)}[field]


def rotated(page: bytes) -> bytes:
    """The page after Google renamed every class the rules know of results and titles."""
    marks = serp_organic.RESULT_CLASSES | serp_organic.TITLE_CLASSES | serp_organic.LINK_CLASSES | serp_organic.LINK_JSNAMES
    marks |= set(serp_organic.HEADING_CLASSES)
    names = "|".join(sorted(map(re.escape, marks | {"r"}), key=len, reverse=True)).encode()
    return re.sub(rb"(?<=[\s\"'])(" + names + rb")(?=[\s\"'])", rb"new\1", page)


def print_classes(corpus: Path, rows: list[Row], pages: dict[str, bytes]) -> None:
    """Page classes: the special pages, then the ordinary ones."""
    special = read(corpus / "serp" / "classes.jsonl")
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in special:
        total[row["class"]] += 1
        right[row["class"]] += serp.parse(gzip.decompress((corpus / row["file"]).read_bytes())).page_class == row["class"]
    for row in rows:
        wanted = "no_results" if row.get("organic_count") == 0 else "results"
        total[f"{wanted} (truth.jsonl)"] += 1
        right[f"{wanted} (truth.jsonl)"] += serp.parse(pages[row["file"]]).page_class == wanted
    print("\npage class                 right")
    for name in sorted(total):
        print(f"{name:26} {right[name]}/{total[name]}")


def print_opaque(corpus: Path, rows: list[Row]) -> None:
    """Pages whose links are opaque, resolved through their recorded locations."""
    truth = {Path(row["file"]).name: row for row in rows}
    files = sorted((corpus / "serp" / "goto").glob("*.html.gz"))
    exact = 0
    for file in files:
        locations = json.loads(file.with_name(file.name.replace(".html.gz", ".locations.json")).read_text("utf-8"))
        by_absolute = {urls.absolute(link): target for link, target in locations.items()}
        page = serp.parse(gzip.decompress(file.read_bytes()))
        resolved = [result.url or by_absolute.get(result.goto_url) for result in page.organic]
        exact += resolved == [result["url"] for result in truth[file.name]["organic"]]
    print(f"\nopaque links resolved      {exact}/{len(files)} pages exact")


def print_features(rows: list[Row], pages: dict[str, bytes]) -> None:
    """Precision and recall of every feature the truth names and we know."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if not row.get("features"):
            continue
        found, wanted = serp.parse(pages[row["file"]]).features, set(row["features"])
        for name in found | wanted:
            counts[name][("hit" if name in wanted else "extra") if name in found else "missed"] += 1
    print(f"\n{'feature':24} {'pages':>5} {'precision':>9} {'recall':>7}")
    for name, count in sorted(counts.items(), key=lambda item: -item[1]["hit"]):
        if name in serp_features.FEATURES or name == "general":
            in_truth, in_page = count["hit"] + count["missed"], count["hit"] + count["extra"]
            print(f"{name:24} {in_truth:>5} {ratio(count['hit'], in_page):>9.3f} {ratio(count['hit'], in_truth):>7.3f}")
    print("not told apart:", ", ".join(sorted(set(counts) - set(serp_features.FEATURES) - {"general"})))


def print_speed(pages: dict[str, bytes]) -> None:
    """Median milliseconds of CPU a page, beside bare trees of the same page: selectolax's, which we build too, and lxml's."""
    calls: dict[str, Callable[[Any], object]] = {
        "parse": serp.parse,
        "selectolax alone": LexborHTMLParser,
        "lxml alone": lxml.html.fromstring,
    }
    size = statistics.median(map(len, pages.values())) / 1_000
    print(f"\nmedian page {size:.0f} KB, CPU time")
    for form, found in (("as text", list(texts(pages))), ("as bytes", list(pages.values()))):
        spent = best_ms(found, calls)
        ours = statistics.median(spent["parse"])
        print(f"{form + ', parse':26} {ours:.2f} ms")
        for name in list(calls)[1:]:
            theirs = statistics.median(spent[name])
            page_by_page = statistics.median(mine / bare for mine, bare in zip(spent["parse"], spent[name], strict=True))
            print(f"{name:26} {theirs:.2f} ms, ratio {ours / theirs:.2f}; median of the pages' ratios {page_by_page:.2f}")


def texts(pages: dict[str, bytes]) -> Iterable[str]:
    """Pages as text without an encoding declaration of XML, which lxml refuses in text."""
    return (re.sub(r"^\s*<\?xml[^>]*>", "", serp.decode(page)) for page in pages.values())


def best_ms(pages: list[Any], calls: dict[str, Callable[[Any], object]]) -> dict[str, list[float]]:
    """The least milliseconds of each call for each page. The calls take turns, so that a busy machine slows all of them."""
    best = {name: [float("inf")] * len(pages) for name in calls}
    for _ in range(ROUNDS):
        for at, page in enumerate(pages):
            for name, call in calls.items():
                start = time.thread_time()
                call(page)
                best[name][at] = min(best[name][at], (time.thread_time() - start) * 1_000)
    return best


def ratio(part: int, whole: int) -> float:
    """0 where there is nothing to divide by."""
    return part / whole if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
