"""How well the main content of recorded pages is found, beside other libraries, and what it costs.

    python benchmarks/content.py [../shared/corpus]

Measures: `aeb` by the 4-grams of scrapinghub's article-extraction benchmark, `wcxb` and `moz` by the words of a page, `traf` by
the snippets that must and must not be there, as trafilatura's own evaluation counts. Time is CPU time of one process, beside
trafilatura's (fast) in the same run. What is not installed is left out. The weights of the rules were fitted on these pages;
`benchmarks/content_weights.py` prints what they give on pages that they were not fitted on.
"""

import argparse
import gzip
import importlib.util
import json
import logging
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from parsing import content, serp_text

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
WORD = re.compile(r"\w+")
Way = Callable[[str, str], str]


def pages(corpus: Path) -> list[dict[str, Any]]:
    """The recorded pages with their truth; `html` is their decoded source."""
    rows = [json.loads(line) for line in (corpus / "content" / "truth.jsonl").read_text("utf-8").split("\n") if line]
    for row in rows:
        row["html"] = serp_text.decode(gzip.decompress((corpus / row["file"]).read_bytes()))
    return rows


def ways() -> dict[str, Way]:
    """Every way of extraction that is installed."""
    found: dict[str, Way] = {"ours": lambda html, url: content.extract(html, url, extra=False).text}
    if importlib.util.find_spec("trafilatura"):
        import trafilatura  # type: ignore[import-not-found, unused-ignore]

        logging.getLogger("trafilatura").disabled = True
        found["ours with trafilatura"] = lambda html, url: content.extract(html, url).text
        found["trafilatura (fast)"] = lambda html, url: trafilatura.extract(html, fast=True) or ""
    if importlib.util.find_spec("resiliparse"):
        from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found, unused-ignore]

        found["resiliparse"] = lambda html, url: extract_plain_text(html, main_content=True)
    if importlib.util.find_spec("readability"):
        import lxml.html
        from readability import Document  # type: ignore[import-not-found, unused-ignore]

        found["readability"] = lambda html, url: lxml.html.fromstring(Document(html).summary()).text_content()
    return found


def counts(row: dict[str, Any], text: str) -> tuple[float, float]:
    """Precision and recall of one page; of `traf` the snippets that are right and wrong, see `f1`."""
    if row["source"] == "traf":
        seen = " ".join(text.split())
        hits = sum(" ".join(snippet.split()) in seen for snippet in row["with"])
        wrong = len(row["with"]) - hits + sum(" ".join(snippet.split()) in seen for snippet in row["without"])
        return hits, wrong
    size = 4 if row["source"] == "aeb" else 1
    true, found = (_grams(words, size) for words in (row["text"], text))
    both = sum((true & found).values())
    return both / max(1, sum(found.values())), both / max(1, sum(true.values()))


def _grams(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text if size > 1 else text.lower())
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def f1(source: str, found: Iterable[tuple[float, float]]) -> float:
    """F1 as each benchmark counts it: of the means (aeb), the mean of the pages (wcxb, moz), of all snippets (traf)."""
    pairs = list(found)
    if source == "traf":
        hits, wrong = (sum(column) for column in zip(*pairs, strict=True))
        return float(2 * hits / max(1, 2 * hits + wrong))
    if source == "aeb":
        precision, recall = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        return float(2 * precision * recall / max(1e-9, precision + recall))
    return sum(2 * precision * recall / max(1e-9, precision + recall) for precision, recall in pairs) / len(pairs)


def measure(rows: list[dict[str, Any]], way: Way) -> tuple[dict[tuple[str, str], list[tuple[float, float]]], dict[str, float]]:
    """Counts by (source, kind), and CPU milliseconds a page by source. A way that fails on a page found nothing in it."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    spent: Counter[str] = Counter()
    for row in rows:
        begin = time.process_time()
        try:
            text = way(row["html"], row.get("url") or "https://example.com/")
        except Exception:  # other libraries raise all kinds of errors
            text = ""
        spent[row["source"]] += time.process_time() - begin  # type: ignore[assignment]
        found[row["source"], row["kind"]].append(counts(row, text))
    number = Counter(row["source"] for row in rows)
    return found, {source: 1_000 * spent[source] / number[source] for source in number}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, help="the folder with content/truth.jsonl")
    corpus = parser.parse_args().corpus
    if not (corpus / "content" / "truth.jsonl").is_file():
        sys.exit(f"No recorded pages at {corpus}. Name their folder.")
    rows = pages(corpus)
    names = ways()
    measured = {name: measure(rows, way) for name, way in names.items()}
    groups = sorted({(row["source"], row["kind"]) for row in rows})
    print(f"{'F1':24}{'pages':>6}" + "".join(f"{name[:22]:>24}" for name in names))
    for source in dict.fromkeys(source for source, _ in groups):
        kinds = [kind for own, kind in groups if own == source]
        for kind in [*kinds, "all"] if len(kinds) > 1 else kinds:
            chosen = {name: _of(found, source, kind) for name, (found, _) in measured.items()}
            values = "".join(f"{f1(source, pairs):>24.3f}" for pairs in chosen.values())
            print(f"{source + ' ' + kind:24}{len(next(iter(chosen.values()))):>6}" + values)
    reference = measured.get("trafilatura (fast)")
    for source in dict.fromkeys(source for source, _ in groups):
        spent = "".join(f"{_cost(ms[source], reference[1][source] if reference else None):>24}" for _, ms in measured.values())
        print(f"{source + ' CPU ms a page':30}" + spent)


def _of(found: dict[tuple[str, str], list[tuple[float, float]]], source: str, kind: str) -> list[tuple[float, float]]:
    return [pair for (own, other), pairs in found.items() if own == source and kind in (other, "all") for pair in pairs]


def _cost(ms: float, reference: float | None) -> str:
    return f"{ms:.1f}" + (f" ({ms / reference:.2f} x)" if reference else "")


if __name__ == "__main__":
    main()
