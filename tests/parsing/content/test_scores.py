"""Each feature of a line is what its name says: it is the line's score where this feature alone has a weight."""

import math

import pytest

from parsing import tree
from parsing.content import features, lines, opinions, scores, weights

PAGE = """
<body><div class="menu"><a href="/a">News</a></div><main><article class="post"><h1>THE OLD MILL 24</h1>
<p>The mill, built in 1824, stood on the river for two hundred years.</p><p>it fell:</p>
<ul><li><a href="/b">News</a></li><li>Read <a href="/c">more of it</a></li></ul></article></main>
<div>Late words here!</div></body>
"""
WORDS = [1, 4, 13, 2, 1, 4, 3]  # 28
LINKS = [1, 0, 0, 0, 1, 3 / 4, 0]
LOGS = [math.log1p(words) for words in WORDS]
PROSE = [0, 0, 1, 0, 0, 0, 0]
LINE = {
    "words": LOGS,
    "links": LINKS,
    "few words": [1, 0, 0, 1, 1, 0, 1],
    "some words": PROSE,
    "many words": [0] * 7,
    "all link": [1, 0, 0, 0, 1, 0, 0],
    "no link": [0, 1, 1, 1, 0, 0, 1],
    "link in linked page": [links * 5 / 28 for links in LINKS],
    "ends": [0, 0, 1, 1, 0, 0, 1],
    "sentence": [0, 0, 1, 0, 0, 0, 1],
    "commas": [0, 0, 2 / 5, 0, 0, 0, 0],
    "lower": [0, 0, 0, 1, 0, 0, 0],
    "upper": [0, 1, 0, 0, 0, 0, 0],
    "digits": [0, 2 / 15, 4 / 66, 0, 0, 0, 0],
    "heading": [0, 1, 0, 0, 0, 0, 0],
    "twice": [1, 0, 0, 0, 1, 0, 0],
    "place": [number / 7 for number in range(7)],
    "words before": [sum(WORDS[:number]) / 28 for number in range(7)],
    "early": [1, 0, 0, 0, 0, 0, 0],
    "late": [0, 0, 0, 0, 0, 0, 1],
    "before h1": [1, 0, 0, 0, 0, 0, 0],
    "after h1": [0, 1, 1, 1, 1, 1, 1],
    "from h1": [abs(number - 1) / 30 for number in range(7)],
    "1 before words": [0, *LOGS[:-1]],
    "1 after words": [*LOGS[1:], 0],
    "2 before words": [0, 0, *LOGS[:-2]],
    "2 after words": [*LOGS[2:], 0, 0],
    "1 before links": [0, *LINKS[:-1]],
    "1 after links": [*LINKS[1:], 0],
    "2 before links": [0, 0, *LINKS[:-2]],
    "2 after links": [*LINKS[2:], 0, 0],
    "1 before prose": [0, *PROSE[:-1]],
    "1 after prose": [*PROSE[1:], 0],
    "2 before prose": [0, 0, *PROSE[:-2]],
    "2 after prose": [*PROSE[2:], 0, 0],
    "around words": [math.log1p(28 - words) for words in WORDS],
    "around links": [(5 - links * words) / (28 - words) for links, words in zip(LINKS, WORDS, strict=True)],
    "around prose": [13 * (words != 13) / (28 - words) for words in WORDS],
}
BOX = {
    "box 0 links": LINKS,
    "box 0 share": [words / 28 for words in WORDS],
    "box 0 prose": PROSE,
    "box 0 words": LOGS,
    "box 0 words a line": LOGS,
    "box 0 siblings": [math.log1p(count) for count in (1, 1, 2, 2, 2, 2, 1)],
    "box 1 links": [5 / 28, 4 / 24, 4 / 24, 4 / 24, 4 / 5, 4 / 5, 5 / 28],
    "box 1 words a line": [math.log1p(size) for size in (4, 24 / 5, 24 / 5, 24 / 5, 5 / 2, 5 / 2, 4)],
    "box 3 share": [1, 1, 1, 1, 24 / 28, 24 / 28, 1],
    "box 3 prose": [13 / 28, 13 / 28, 13 / 28, 13 / 28, 13 / 24, 13 / 24, 13 / 28],
    "depth": [depth / 20 for depth in (2, 4, 4, 4, 5, 5, 2)],
    "in top": [0, 1, 1, 1, 1, 1, 0],
    "top distance": [steps / 8 for steps in (1, 1, 1, 1, 2, 2, 1)],
    "top common": [1, 24 / 28, 24 / 28, 24 / 28, 24 / 28, 24 / 28, 1],
    "top up": [2 / 6, 0, 0, 0, 0, 0, 2 / 6],
    "after top": [0, 0, 0, 0, 0, 0, 1],
    "before top": [1, 0, 0, 0, 0, 0, 0],
    "outside main": [1, 0, 0, 0, 0, 0, 1],
    "outside article": [1, 0, 0, 0, 0, 0, 1],
}
NAMES = {
    "in post": [0, 1, 1, 1, 1, 1, 0],
    "in body": [1] * 7,
    "in main": [0, 1, 1, 1, 1, 1, 0],
    "in nav": [1, 0, 0, 0, 0, 0, 0],
    "near nav": [1, 0, 0, 0, 0, 0, 0],
    "near main": [0, 1, 1, 1, 0, 0, 0],
    "near article": [0, 1, 1, 1, 1, 1, 0],
    "near li": [0, 0, 0, 0, 1, 1, 0],
}
WHOLE = {
    "words": math.log1p(28),
    "links": 5 / 28,
    "prose": 13 / 28,
    "main": 24 / 28,
    "articles": math.log1p(1),
    "posts": math.log1p(1),
}
CASES = [
    *((f"line: {name}", values) for name, values in LINE.items()),
    *((f"box: {name}", values) for name, values in BOX.items()),
    *((f"names: {name}", values) for name, values in NAMES.items()),
    *((f"page: {name}", [value] * 7) for name, value in WHOLE.items()),
]
# What the first step could have thought of each line, and the means of the boxes that it gives.
LIKELY = [0.1, 0.6, 0.9, 0.5, 0.2, 0.3, 0.4]
SIZES = [max(1.0, words**0.8) for words in WORDS]


def mean(*numbers: int) -> float:
    return sum(LIKELY[number] * SIZES[number] for number in numbers) / sum(SIZES[number] for number in numbers)


ALL, ARTICLE, LIST = mean(*range(7)), mean(1, 2, 3, 4, 5), mean(4, 5)
SO_FAR = [sum(LIKELY[n] * SIZES[n] for n in range(number)) for number in range(8)]
OPINIONS = {
    "first step": [math.log(likely / (1 - likely)) for likely in LIKELY],
    "opinion box 0": LIKELY,
    "opinion box 1": [ALL, ARTICLE, ARTICLE, ARTICLE, LIST, LIST, ALL],
    "opinion box 2": [ALL, ARTICLE, ARTICLE, ARTICLE, ARTICLE, ARTICLE, ALL],
    "opinion box 3": [ALL, ALL, ALL, ALL, ARTICLE, ARTICLE, ALL],
    "opinion box 4": [ALL] * 7,
    "opinion box 6": [ALL] * 7,
    "opinion lines -1 to 0": [0, *LIKELY[:-1]],
    "opinion lines 1 to 2": [*LIKELY[1:], 0],
    "opinion lines -3 to 0": [0, mean(0), mean(0, 1), mean(0, 1, 2), mean(1, 2, 3), mean(2, 3, 4), mean(3, 4, 5)],
    "opinion lines 1 to 4": [mean(1, 2, 3), mean(2, 3, 4), mean(3, 4, 5), mean(4, 5, 6), mean(5, 6), mean(6), 0],
    "opinion lines -10 to 0": [0, *(mean(*range(number)) for number in range(1, 7))],
    "opinion lines 1 to 11": [*(mean(*range(number + 1, 7)) for number in range(6)), 0],
    "opinion page": [ALL] * 7,
    "opinion best line": [0.9] * 7,
    "opinion before": [so_far / SO_FAR[7] for so_far in SO_FAR[:7]],
    "opinion best box": [max(own, *around) for own, around in zip(
        LIKELY, [(ALL,)] + [(ARTICLE, ALL)] * 3 + [(LIST, ARTICLE, ALL)] * 2 + [(ALL,)], strict=True)],
    "opinion worst box": [min(own, *around) for own, around in zip(
        LIKELY, [(ALL,)] + [(ARTICLE, ALL)] * 3 + [(LIST, ARTICLE, ALL)] * 2 + [(ALL,)], strict=True)],
}  # fmt: skip


@pytest.mark.parametrize(("name", "values"), CASES, ids=[name for name, _ in CASES])
def test_a_feature_is_what_its_name_says(name: str, values: list[float]) -> None:
    outline = lines.of(tree.parse(PAGE))
    found = scores.both_steps(outline, features.measure(outline), weights.Weights({name: 1 + 2j}))
    assert [score.real for score in found] == pytest.approx(values)
    assert [score.imag for score in found] == pytest.approx([2 * value for value in values])


@pytest.mark.parametrize("name", weights.OPINION)
def test_an_opinion_is_what_its_name_says(name: str) -> None:
    outline = lines.of(tree.parse(PAGE))
    logits = [math.log(likely / (1 - likely)) for likely in LIKELY]
    parents = features.measure(outline).parents
    found = opinions.of(outline, parents, logits, LIKELY, weights.Weights({f"opinion: {name}": 1j}))
    assert found == pytest.approx(OPINIONS[name])


def test_every_weight_of_the_table_is_asked_for() -> None:
    known = {
        "bias",
        *(f"page: {name}" for name in features.PAGE),
        *(f"box: {name}" for name in features.BOX),
        *(f"line: {name}" for name in features.LINE),
        *(f"opinion: {name}" for name in weights.OPINION),
    }
    names = [line.partition("\t")[0] for line in weights.TABLE.read_text("utf-8").splitlines()[1:]]
    assert [name for name in names if name not in known and not name.startswith(("names: in ", "names: near "))] == []


@pytest.mark.parametrize(
    ("likely", "sizes", "kept"),
    [
        ([0.9, 0.8, 0.1], [10, 10, 10], [True, True, False]),
        ([0.2, 0.15, 0.01], [10, 10, 500], [True, True, False]),  # all are unlikely: the bound is low
        ([0.9, 0.4], [100, 1], [True, False]),
        ([0.5, 0.5], [1, 1], [True, True]),
    ],
)
def test_lines_are_kept_for_the_highest_expected_f1(likely: list[float], sizes: list[int], kept: list[bool]) -> None:
    outline = lines.of(tree.parse("".join(f"<p>{'word ' * size}</p>" for size in sizes)))
    assert scores.likely_best(outline, likely) == kept


def test_a_long_page_is_kept_whole() -> None:
    outline = lines.of(tree.parse("<p>a</p>" * (scores.MAX_LINES + 1)))
    assert all(scores.choose(outline))


def test_the_worst_box_is_looked_for_in_six_boxes() -> None:
    outline = lines.of(tree.parse("<div>" * 5 + "<p>inside</p>" + "</div>" * 5 + "outside"))
    parents = features.measure(outline).parents
    found = opinions.of(outline, parents, [2.0, -2.0], [0.9, 0.1], weights.Weights({"opinion: opinion worst box": 1j}))
    assert found == pytest.approx([0.9, 0.5])


@pytest.mark.parametrize(("text", "share"), [("٣ مارس ٢٠٢٦", 5 / 11), ("é" * 80 + "1", 0.0), ("1" * 90, 1.0), ("", 0.0)])
def test_digits_of_all_scripts_count(text: str, share: float) -> None:
    outline = lines.of(tree.parse(f"<p>{text or '<img alt=x>'}</p>"))
    found = scores.both_steps(outline, features.measure(outline), weights.Weights({"line: digits": 1 + 0j}))
    assert [score.real for score in found] == pytest.approx([share])


def test_the_link_of_a_heading_to_itself_is_no_link() -> None:
    (line,) = lines.of(tree.parse('<h2>The dam<a href="#dam">#</a></h2>')).lines
    assert (line.text, line.words, line.link_words, line.marks) == ("The dam", 2, 0, [])


def test_boxes_of_one_size_differ_by_their_links() -> None:
    outline = lines.of(tree.parse('<p>one two</p><p><a href="/x">one</a> two</p>'))
    found = scores.both_steps(outline, features.measure(outline), weights.Weights({"box: box 0 links": 1 + 0j}))
    assert [score.real for score in found] == pytest.approx([0, 0.5])
