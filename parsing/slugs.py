"""Names of stored objects: a keyword becomes one safe part of a path, and two keywords never share it."""

import hashlib
import re
import unicodedata
from datetime import date

import slugify

import errors

MAX_SLUG_CHARS = 80
HASH_CHARS = 10  # hex digits of blake2b, 40 bits: a collision is expected after about a million lossy slugs in one folder
ROUNDS = 4  # NFKC and case folding settle after two rounds; the rest is slack

JOINERS = "\u200c\u200d"  # zero width, but they change the word in Persian and Indic scripts and in emoji
# Windows takes these for devices, with or without a suffix; such a folder cannot be made there.
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))})

SAFE_FOLDER = re.compile(r"[a-z0-9_-][a-z0-9._-]*(?<!\.)(?:/[a-z0-9_-][a-z0-9._-]*(?<!\.))*")
SAFE_SUFFIX = re.compile(r"(?:\.[a-z0-9]+)*")


def object_key(folder: str, text: str, day: date, suffix: str = ".json") -> str:
    """Key of the object that holds what was found for the keyword `text` on `day`: `{folder}/{slug}/YYYY-MM-DD{suffix}`.

    Listing `{folder}/{slug}/` gives the history in date order. Raises ArgumentError for a folder or suffix that is not lower case
    ASCII (`a-z 0-9 . _ -`); `folder_for` makes such a folder of any text.

    >>> object_key("example.com", "Python  Tutorial", date(2024, 1, 15))
    'example.com/python-tutorial/2024-01-15.json'
    >>> object_key("example.com", "../../etc/passwd", date(2024, 1, 15))
    'example.com/etc-passwd_304138e46d/2024-01-15.json'
    """
    if not SAFE_FOLDER.fullmatch(folder):
        raise errors.ArgumentError(f"folder {folder!r} cannot be part of a key: use a-z 0-9 . _ - (slugs.folder_for makes one)")
    if not SAFE_SUFFIX.fullmatch(suffix):
        raise errors.ArgumentError(f"suffix {suffix!r} cannot end a key: use something like '.json'")
    return f"{folder}/{keyword_slug(text)}/{day.year:04d}-{day.month:02d}-{day.day:02d}{suffix}"


def keyword_slug(text: str) -> str:
    """A readable, safe name (`a-z 0-9 - _`, at most 80 characters), one per normalised text.

    Where the plain slug loses nothing it is the slug; anything else gets a hash of the normalised text behind `_`, which a plain
    slug never holds.

    >>> keyword_slug("python tutorial")
    'python-tutorial'
    >>> keyword_slug("C++"), keyword_slug("C#")
    ('c_2421123ec6', 'c_d016900d5b')
    """
    normal = normalise(text)
    slug = slugify.slugify(normal, entities=False, decimal=False, hexadecimal=False)
    if slug and slug.replace("-", " ") == normal and len(slug) <= MAX_SLUG_CHARS and slug not in RESERVED:
        return slug
    return _hashed(slug, normal)


def folder_for(text: str) -> str:
    """The folder of a project: its domain as it is where that is safe, otherwise a readable part and a hash.

    >>> folder_for("Blog.Example.com"), folder_for("example.com/docs")
    ('blog.example.com', 'example-com-docs_9e7f1da26e')
    """
    normal = normalise(text)
    safe = re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", normal) is not None
    if safe and len(normal) <= MAX_SLUG_CHARS and normal.partition(".")[0] not in RESERVED:
        return normal
    return _hashed(slugify.slugify(normal, entities=False, decimal=False, hexadecimal=False), normal)


def normalise(text: str) -> str:
    """The text two spellings of one keyword share: NFKC, case folded, control characters gone, white space collapsed.

    Doing it twice changes nothing.

    >>> normalise("  Python\\tTUTORIAL\\n"), normalise("\uff28\uff45\uff4c\uff4c\uff4f\\x00")
    ('python tutorial', 'hello')
    """
    for _ in range(ROUNDS):
        before = text
        text = " ".join("".join(filter(_is_kept, text)).split())
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if text == before:
            break
    return text


def _is_kept(char: str) -> bool:
    return char in JOINERS or char.isspace() or unicodedata.category(char) not in ("Cc", "Cf")


def _hashed(slug: str, normal: str) -> str:
    digest = hashlib.blake2b(normal.encode("utf-8", "surrogatepass"), digest_size=HASH_CHARS // 2).hexdigest()
    readable = slug[: MAX_SLUG_CHARS - HASH_CHARS - 1].strip("-") or "x"
    return f"{readable}_{digest}"
