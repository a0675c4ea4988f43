"""What the boxes around a line say about it: the weights of the features BOX and of the names of tags and groups."""

import math
from collections import Counter

from parsing.content.features import MAX_CHAIN, Measures
from parsing.content.lines import Box, Outline
from parsing.content.weights import Weights, dot

Place = tuple[str, frozenset[str], int]


# What is known of a box with those around it: names of tags and groups, their weights, those of the landmarks that the page has
# elsewhere, the nearest box on the path to `top`, and the steps to it. A plain tuple: a page makes hundreds.
Around = tuple[frozenset[str], complex, complex, Box, int]


def of(outline: Outline, measures: Measures, weights: Weights) -> dict[int, complex]:
    """The score of each box with lines of its own, by its index."""
    boxes = _Boxes(outline, measures, weights)
    return {index: boxes.score(box) for index, box in {line.box.index: line.box for line in outline.lines}.items()}


class _Boxes:
    """What boxes share is added up once: siblings of one tag and of the same groups differ in size and order alone."""

    def __init__(self, outline: Outline, measures: Measures, weights: Weights) -> None:
        self.boxes, self.parents, self.top, self.weights = outline.boxes, measures.parents, measures.top, weights
        self.total = outline.boxes[0].words or 1
        self.keys = [(parent, box.key) for parent, box in zip(self.parents, self.boxes, strict=True)]
        self.siblings = Counter(self.keys)
        self.path = _path(measures)
        tags = {box.tag for box in self.boxes}
        self.landmarks = [(tag, weight) for tag, weight in weights.outside.items() if tag in tags]
        self.unions: dict[tuple[frozenset[str], str, frozenset[str]], tuple[frozenset[str], complex, complex]] = {}
        self.around = {0: self._inside((frozenset(), 0j, 0j, self.boxes[0], 0), self.boxes[0])}
        self.alike: dict[tuple[int, ...], complex] = {}
        self.own: dict[int, tuple[float, ...]] = {}
        self.outer: dict[int, complex] = {}
        self.shared: dict[Place, tuple[complex, bool]] = {}

    def score(self, box: Box) -> complex:
        """The score of one box."""
        index = box.index
        if index in self.path:
            shared, is_beside = self._shared(box, self.parents[index])
        else:
            place = (box.tag, box.names, self.parents[index])
            known = self.shared.get(place)
            if known is None:
                known = self.shared[place] = self._shared(box, self.parents[index])
            shared, is_beside = known
        if is_beside:
            shared += self.weights.top_sides[index < self.top.index]
        return shared + self._size(box)

    def _size(self, box: Box) -> complex:
        size = (box.words, box.link_words, box.good_words, box.lines, self.siblings[self.keys[box.index]])
        if (own := self.alike.get(size)) is None:
            own = self.alike[size] = dot(self.weights.levels[0], self._own(box.index))
        return own

    def _shared(self, box: Box, parent: int) -> tuple[complex, bool]:
        """What a box has in common with siblings like it; and whether it stands before or after `top`."""
        around = self._inside(self._around(parent), box) if box.index else self.around[0]
        _, inside, outside, common, steps = around
        outer = self.outer.get(parent)
        if outer is None:
            outer = self.outer[parent] = self._outer(parent)
        score = outer + self._near(box) + inside + outside
        depth, is_in, distance, share, up = self.weights.place_of_box
        top = self.top
        score += depth * (min(box.depth + 1, MAX_CHAIN) / 20) + share * (common.words / self.total)
        score += distance * (min(steps, 8) / 8) + up * min(1.0, (top.depth - common.depth) / 6)
        return (score + is_in, False) if common is top else (score, True)

    def _own(self, index: int) -> tuple[float, ...]:
        """The numbers of OF_BOX."""
        if (known := self.own.get(index)) is not None:
            return known
        box = self.boxes[index]
        words = box.words or 1
        row = self.own[index] = (
            box.link_words / words,
            box.words / self.total,
            box.good_words / words,
            math.log1p(words),
            math.log1p(words / box.lines),
            math.log1p(self.siblings[self.keys[index]]),
        )
        return row

    def _outer(self, parent: int) -> complex:
        third = self.parents[self.parents[parent]]
        _, first_level, third_level = self.weights.levels
        return dot(first_level, self._own(parent)) + dot(third_level, self._own(third))

    def _near(self, box: Box) -> complex:
        """The names of the three nearest boxes."""
        found, parent = {box.tag, *box.names}, box.parent
        for outer in (parent, parent.parent if parent is not None else None):
            if outer is not None:
                found.add(outer.tag)
                found |= outer.names
        known = self.weights.near
        return sum([known[name] for name in found if name in known], 0j)

    def _around(self, index: int) -> Around:
        missing = []
        while index not in self.around:
            missing.append(index)
            index = self.parents[index]
        found = self.around[index]
        for inner in reversed(missing):
            found = self.around[inner] = self._inside(found, self.boxes[inner])
        return found

    def _inside(self, outer: Around, box: Box) -> Around:
        """A name counts once, for the outermost box that has it."""
        names, inside, _, common, steps = outer
        common, steps = (box, 0) if box.index in self.path else (common, steps + 1)
        key = (names, box.tag, box.names)
        if (union := self.unions.get(key)) is None:
            new = (box.names | {box.tag}) - names
            known = self.weights.inside
            every = names | new if new else names
            union = self.unions[key] = (every, sum([known[name] for name in new if name in known], 0j), self._outside(every))
        names, gained, outside = union
        return names, inside + gained, outside, common, steps

    def _outside(self, names: frozenset[str]) -> complex:
        return sum([weight for tag, weight in self.landmarks if tag not in names], 0j)


def _path(measures: Measures) -> frozenset[int]:
    """The box that paragraphs vote for, and those around it."""
    index, path = measures.top.index, [measures.top.index]
    while index:
        index = measures.parents[index]
        path.append(index)
    return frozenset(path)
