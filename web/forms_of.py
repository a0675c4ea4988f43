"""What pydantic says of a value that may have several forms (a text or an object), as it is said to people.

It complains of each form, and names each by words of its own: `webhook.function-wrap[_name_the_nearest()].url`. Here the form
that was meant is left, by the value's own path: `webhook.url`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

#: How pydantic names a form in the path of an error.
FORM = re.compile(
    r"(?:constrained-)?(?:str|int|float|bool|bytes)|none|(?:function-\w+|list|dict|set|tuple|literal|nullable)\[.*", re.S
)

#: What a value should be, by the type of an error that says that it is something else.
KINDS = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type", "dataclass_type"), "an object"),
    **{"string_type": "a string", "int_type": "a whole number", "float_type": "a number", "bool_type": "true or false"},
    **{"list_type": "a list", "none_required": "null"},
}

INSTANCE = re.compile(r"valid dictionary or instance of \w+")


class Wrong(NamedTuple):
    """What is wrong with a value: its path without the names of forms, the type of the error, and the words."""

    path: tuple[str, ...]
    type: str
    message: str


def told(errors: Sequence[Any]) -> list[Wrong]:
    """The errors of a validation, for people."""
    found: list[Wrong] = []
    for _, group in groupby(errors, _home):
        found += _meant(list(group))
    return found


def _home(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The path of the value that has forms; that of the error where none is named."""
    path = tuple(map(str, error["loc"]))
    return next((path[:at] for at, part in enumerate(path) if FORM.fullmatch(part)), path)


def _meant(group: list[Mapping[str, Any]]) -> Iterator[Wrong]:
    home = _home(group[0])
    inner = [one for one in group if len(_path(one)) > len(home)]
    of_value = [one for one in group if one["type"] not in KINDS]
    if inner or of_value or len(group) == 1:
        for one in inner or of_value or group:
            yield Wrong(_path(one), one["type"], INSTANCE.sub("valid dictionary: a JSON object", str(one["msg"])))
        return
    kinds = list(dict.fromkeys(KINDS[one["type"]] for one in group))
    yield Wrong(home, "form", f"should be {' or '.join(kinds)}")


def _path(error: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(part) for part in error["loc"] if not FORM.fullmatch(str(part)))
