"""The heading that names a page. It often stands apart from the text, in a box of its own."""

from collections.abc import Sequence

from parsing.content.lines import Line, Outline

LONGEST = 40  # words; what is longer is no title
FARTHEST = 12  # lines between it and the first line of the text: date, author, a lead


def before(outline: Outline, chosen: Sequence[bool]) -> list[Line]:
    """The page's only `h1`, where it was not chosen and stands shortly before the first line that was; else nothing."""
    first = next((number for number, is_chosen in enumerate(chosen) if is_chosen), None)
    titles = [number for number, line in enumerate(outline.lines) if line.box.tag == "h1"]
    if first is None or len(titles) != 1 or not 0 < first - titles[0] <= FARTHEST:
        return []
    title = outline.lines[titles[0]]
    return [title] if title.words <= LONGEST else []
