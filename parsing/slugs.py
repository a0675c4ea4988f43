"""Names of stored objects. A keyword becomes one safe part of a path, and two keywords never share it."""

import hashlib
import re
from datetime import date

import slugify

import errors
import spelling

MAX_SLUG_CHARS = 80
HASH_CHARS = 10  # hex digits of blake2b, 40 bits: a collision is expected after about a million lossy slugs in one folder
# Windows reads these names as devices, with or without a suffix, and makes no such folder.
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))})

SAFE_FOLDER = re.compile(r"[a-z0-9_-][a-z0-9._-]*(?<!\.)(?:/[a-z0-9_-][a-z0-9._-]*(?<!\.))*")
SAFE_SUFFIX = re.compile(r"(?:\.[a-z0-9]+)*")


def object_key(folder: str, text: str, day: date, suffix: str = ".json", *, slug: str | None = None) -> str:
    """Key of the object that holds what was found for the keyword `text` on `day`: `{folder}/{slug}/YYYY-MM-DD{suffix}`.

    Listing `{folder}/{slug}/` gives the history in date order. `slug`: the slug, if not `typed_slug(text)`. Raises ArgumentError
    for a folder or suffix that is not lower case ASCII (`a-z 0-9 . _ -`). `folder_for` makes such a folder of any text.

    >>> object_key("example.com", "Python  Tutorial", date(2024, 1, 15))
    'example.com/python-tutorial/2024-01-15.json'
    >>> object_key("example.com", "../../etc/passwd", date(2024, 1, 15))
    'example.com/etc-passwd_304138e46d/2024-01-15.json'
    """
    if not SAFE_FOLDER.fullmatch(folder):
        raise errors.ArgumentError(f"folder {folder!r} cannot be part of a key: use a-z 0-9 . _ - (slugs.folder_for makes one)")
    if not SAFE_SUFFIX.fullmatch(suffix):
        raise errors.ArgumentError(f"suffix {suffix!r} cannot end a key: use something like '.json'")
    return f"{folder}/{slug or typed_slug(text)}/{day.year:04d}-{day.month:02d}-{day.day:02d}{suffix}"


def typed_slug(text: str, *, besides: bool = False) -> str:
    """A readable, safe name, one per `spelling.key`. It equals `keyword_slug` if the folded form loses nothing.

    `besides`: the name for a keyword whose own name belongs to a keyword of an older version.

    >>> typed_slug("Fussball Trikot"), typed_slug("Fu\u00dfball Trikot")
    ('fussball-trikot', 'fussball-trikot_ff3bfd9e13')
    """
    key = spelling.key(text)
    if key == normalise(key) and not besides:
        return keyword_slug(key)
    return _hashed(_plain(key), key + "\0" * besides)


def keyword_slug(text: str) -> str:
    """A readable, safe name (`a-z 0-9 - _`, at most 80 characters), one per normalised text.

    A text that the plain slug keeps gets that slug. Other texts get a hash of their normalised form behind `_`, as no slug has.

    >>> keyword_slug("python tutorial")
    'python-tutorial'
    >>> keyword_slug("C++"), keyword_slug("C#")
    ('c_2421123ec6', 'c_d016900d5b')
    """
    normal = normalise(text)
    slug = _plain(normal)
    if slug and slug.replace("-", " ") == normal and len(slug) <= MAX_SLUG_CHARS and slug not in RESERVED:
        return slug
    return _hashed(slug, normal)


def folder_for(text: str) -> str:
    """The folder of a project: its domain if that is safe, else a readable part and a hash.

    >>> folder_for("Blog.Example.com"), folder_for("example.com/docs")
    ('blog.example.com', 'example-com-docs_9e7f1da26e')
    """
    normal = normalise(text)
    safe = re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", normal) is not None
    if safe and len(normal) <= MAX_SLUG_CHARS and normal.partition(".")[0] not in RESERVED:
        return normal
    return _hashed(_plain(normal), normal)


def normalise(text: str) -> str:
    """The folded form of the text, from which slugs are made. See spelling.folded.

    >>> normalise("  Python\\tTUTORIAL\\n"), normalise("\uff28\uff45\uff4c\uff4c\uff4f\\x00")
    ('python tutorial', 'hello')
    """
    return spelling.folded(text)


def _plain(text: str) -> str:
    return str(slugify.slugify(text, entities=False, decimal=False, hexadecimal=False))


def _hashed(slug: str, normal: str) -> str:
    digest = hashlib.blake2b(normal.encode("utf-8", "surrogatepass"), digest_size=HASH_CHARS // 2).hexdigest()
    readable = slug[: MAX_SLUG_CHARS - HASH_CHARS - 1].strip("-") or "x"
    return f"{readable}_{digest}"
