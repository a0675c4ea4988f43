"""The rules against recorded walls and ordinary pages; skipped where they are absent.

`python -m tests.parsing.test_blocks_corpus` prints what was found of each class.
"""

import gzip
from collections import defaultdict
from typing import Any

from parsing import blocks
from tests.parsing import samples, vectors

LEAST_NAMED = 0.95  # of the walls that are labelled with high certainty
OTHERS = (("content/truth.jsonl", "file"), ("contacts/truth.jsonl", "source"), ("structured/truth.jsonl", "file"))


def body_of(file: str) -> str:
    body = gzip.decompress((samples.CORPUS / file).read_bytes())
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def classified(row: dict[str, Any]) -> blocks.Block | None:
    url = row.get("url") or ""
    return blocks.classify(body_of(row["file"]), row.get("status", 200), row.get("headers", {}), url, url)


def is_right(row: dict[str, Any], found: blocks.Block | None) -> bool:
    return found is not None and found.page_class == row["class"] and row["vendor"] in (None, found.vendor)


def test_walls_of_high_certainty_are_named_with_class_and_vendor() -> None:
    rows = [row for row in vectors.rows("blocks/truth.jsonl") if row["class"] != "ok" and row["certainty"] == "high"]
    wrong = [(row["file"], found) for row in rows if not is_right(row, found := classified(row))]

    assert len(wrong) <= (1 - LEAST_NAMED) * len(rows), wrong


def test_no_ordinary_page_is_called_a_wall() -> None:
    rows = [row for row in vectors.rows("blocks/truth.jsonl") if row["class"] == "ok"]
    assert [(row["file"], found) for row in rows if (found := classified(row)) is not None] == []


def test_no_page_of_the_other_corpora_is_called_a_wall() -> None:
    wrong = []
    for name, key in OTHERS:
        for row in vectors.rows(name):
            if row[key].endswith(".gz") and (samples.CORPUS / row[key]).is_file():
                url = row.get("url") or row.get("base_url") or ""
                if (found := blocks.classify(body_of(row[key]), 200, {}, url, url)) is not None:
                    wrong.append((row[key], found))

    assert wrong == []


def main() -> None:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in vectors.rows("blocks/truth.jsonl"):
        found, count = classified(row), counts[row["class"], row["certainty"]]
        count[0] += 1
        count[1] += found is not None
        count[2] += is_right(row, found)
    print(f"{'class':14}{'certainty':12}{'pages':>7}{'walls':>7}{'right':>7}")
    for (page_class, certainty), (pages, walls, right) in sorted(counts.items()):
        print(f"{page_class:14}{certainty:12}{pages:7}{walls:7}{right:7}")


if __name__ == "__main__":
    main()
