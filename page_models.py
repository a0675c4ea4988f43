"""What stands on a page, as the parser reads it: forms, and how to reach who is behind it. `models` passes them on."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form that a reader sees: an input, a list or a button. Radio buttons and boxes of one name are one field.

    `field_type` is what the field is for, in words such as "email" or "search query"; "other" where that is not known.
    """

    field_type: str
    name: str  # "" where it has none
    type: str  # text | email | password | select | textarea | submit | … as the page says, lower case
    label: str = ""  # what a reader sees beside it or in it; "" where nothing is
    required: bool = False
    options: tuple[str, ...] = ()  # the texts of a list, or the values of radio buttons; at most `parsing.forms.MAX_OPTIONS`
    constraints: Mapping[str, str] = field(default_factory=dict)  # maxlength, pattern, min, accept, readonly …
    autocomplete: str = ""
    confidence: float = 0.0  # 0…1: how sure `field_type` is


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page. `signature` is the same where names, types and target are, whatever the values are."""

    form_type: str  # search, login, registration …; "other" where it is none of them
    fields: tuple[FormField, ...] = ()
    action: str = ""  # absolute; "" where the page's scripts decide
    method: str = "get"  # get | post | dialog
    purpose: str = ""  # one word: search, login, register, recover, contact, subscribe, order, other
    signature: str = ""  # 32 hexadecimal digits
    has_csrf: bool = False  # carries a token against forged requests
    has_captcha: bool = False
    steps: tuple[str, ...] = ()  # what a person has to do, in order: "fill: email", "solve captcha", "submit: Log in"
    hidden: Mapping[str, str] = field(default_factory=dict)  # hidden fields and their values
    confidence: float = 0.0  # 0…1: how sure `form_type` is
    is_formless: bool = False  # fields of one container without a `<form>`; these come after the forms of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a page says something.

    `source` is one of `structured data`, `meta`, `title`, `markup` (hCard), `tel: link`, `mailto: link`, `link`,
    `hidden e-mail`, `text`. `snippet` is the line or value it stands in. `position` counts characters in the text of the
    page as it was read; None where only the markup says it.
    """

    source: str
    snippet: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Found):
    """A name of the organisation whose page it is."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Found):
    """An e-mail address: as an envelope has it, and as it is written."""

    address: str
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Found):
    """A telephone number. `e164` is `+442079460958`, with an extension `+442079460958;ext=12`."""

    e164: str
    written: str
    kind: str = "phone"  # phone | fax


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Found):
    """A postal address as far as the page says it. `country` is a code of two letters; parts that are not known are None."""

    written: str
    street: str | None = None
    city: str | None = None
    region: str | None = None
    zipcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Found):
    """When something is open, as it is written; in structured data in the short form `Mo-Fr 09:00-17:00`."""

    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Found):
    """A profile in a social network."""

    network: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Found):
    """A person and what they do there, None where the page does not say."""

    name: str
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """How to reach whoever runs a page. In each list the surest comes first and nothing stands twice."""

    names: tuple[Name, ...] = ()
    description: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    addresses: tuple[Address, ...] = ()
    hours: tuple[Hours, ...] = ()
    social: tuple[Profile, ...] = ()
    people: tuple[Person, ...] = ()
