"""Questions about thirty sites of our own: right, wrong, refused, and a score in which a wrong answer costs twice.

    python benchmarks/insights.py [--verbose] [--all]

A question whose answer the pages have is right where the answer has it. One without is right where it is refused. Score: right
minus twice wrong, of all. Thresholds were tuned on every second site ("tuned"); the others, whose
pages are of other styles, are reported beside ("unseen": 0.773 when they were looked at first).

The last line is about answers of a language model: of inventions to questions that the pages do not answer, each with a true
quote of something else, how many were refused; and of true answers in three wordings, how many were kept.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import insights_sites
from benchmarks.insights_sites import Sample
from topics.business import facts, judging, retrieval, scrape
from topics.business.answers import Answerer

AT = "2026-11-29T00:00:00+00:00"

#: What a model may invent.
LIES = (
    *("Yes, they do.", "It costs 25 euros.", "They accept credit cards and PayPal.", "They have 42 employees."),
    *("The business was founded in 1987 by John Miller.", "Yes, free parking is available behind the house."),
    *("Open on Sunday from 10:00 to 16:00.", "Yes, dogs are welcome.", "Write to sales@miller.example.", "Call 0800 123456."),
)


def site_of(sample: Sample) -> dict[str, object]:
    """A site as a scrape of its pages keeps it."""
    pages = []
    for path, html in sample.pages.items():
        url = sample.url.rstrip("/") + path
        title = html.partition("<title>")[2].partition("</title>")[0]
        pages.append(facts.of_page({"url": url, "final_url": url, "title": title, "fetched_at": AT}, html))
    return facts.of_site(scrape.name_of(sample.url), sample.url, pages, [])


def judged(sample: Sample) -> list[tuple[str, str, str | None, str]]:
    """Each question: the verdict, the question, what it should say, what it says."""
    answerer, found = Answerer(site_of(sample)), []
    for question, wanted in sample.questions:
        told = answerer.answer(question)
        if wanted is None:
            verdict = "wrong" if told["found"] else "right, refused"
        else:
            verdict = ("right" if wanted.lower() in told["answer"].lower() else "wrong") if told["found"] else "refused"
        found.append((verdict, question, wanted, told["answer"]))
    return found


def counted(samples: Sequence[Sample]) -> Counter[str]:
    """How often each verdict was given."""
    return Counter(verdict for sample in samples for verdict, *_ in judged(sample))


def score(counts: Counter[str]) -> float:
    """From -2 to 1."""
    return (counts["right"] + counts["right, refused"] - 2 * counts["wrong"]) / max(1, counts.total())


def generated(samples: Sequence[Sample]) -> Counter[str]:
    """What becomes of inventions and of true answers, had a model written them."""
    counts: Counter[str] = Counter()
    for sample in samples:
        answerer = Answerer(site_of(sample))
        for question, wanted in sample.questions:
            told = answerer.answer(question)
            given = retrieval.sources(answerer, question, told)
            quotes = [text for one in given for text in one.text.split("\n") if wanted is None or wanted.lower() in text.lower()]
            if not quotes:
                counts["not given"] += 3
                continue
            answers = LIES if wanted is None else (wanted, f"The answer is {wanted}.", quotes[0][:300])
            for answer in answers:
                quoted = [{"passage": 1, "quote": quotes[0][:300]}]
                data = {"found": True, "answer": answer, "quotes": quoted, "confidence": "high"}
                is_kept = judging.judged(answerer, told, given, data)["by"] == "llm"
                counts[("lie" if wanted is None else "truth") + (" kept" if is_kept else " refused")] += 1
    return counts


def main() -> None:
    """Print both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="name what was refused or wrong in the half that is tuned")
    parser.add_argument("--all", action="store_true", help="in the other half, too")
    options = parser.parse_args()
    samples = insights_sites.every()
    for name, half in (("tuned", samples[::2]), ("unseen", samples[1::2]), ("all", samples)):
        counts = counted(half)
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("right", "right, refused", "refused", "wrong"))
        print(f"{name:7} {counts.total():4} questions: {told}; score {score(counts):.3f}")
    counts = generated(samples)
    lies, truths = (counts[f"{kind} kept"] + counts[f"{kind} refused"] for kind in ("lie", "truth"))
    truths += counts["not given"]
    print(
        f"of a model: {counts['lie refused']} of {lies} inventions refused, {counts['truth kept']} of {truths} true answers kept"
    )
    if options.verbose or options.all:
        for number, sample in enumerate(samples):
            for verdict, *rest in judged(sample):
                if verdict in ("wrong", "refused") and (number % 2 == 0 or options.all):
                    print(f"{verdict:8} {sample.url} {rest}")


if __name__ == "__main__":
    main()
