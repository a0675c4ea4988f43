"""What somebody may do."""

from enum import IntEnum

from errors import ArgumentError


class Role(IntEnum):
    """What a caller may do: look, change, administer. Each may do what those before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """Its name as people write it."""
        return self.name.lower()


WORDS = tuple(role.word for role in Role)


def named(word: str) -> Role:
    """The role of that name. Raises ArgumentError."""
    if word.lower() not in WORDS:
        raise ArgumentError(f"no role {word!r:.40}: there are {', '.join(WORDS)}.")
    return Role[word.upper()]
