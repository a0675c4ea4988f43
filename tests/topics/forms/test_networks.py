"""Networks: their logins are encrypted, bound to their site, rotated, and never shown."""

import doctest
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

import config
import errors
from parsing import form_values, frames
from state.forms import networks as stored
from tests.topics.forms.form_site import FormSite
from topics.forms import locks, networks, reading
from topics.forms.locks import Login

LOGIN = Login("gardener", "hunter2 märz")
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def key(text: str) -> Any:
    return config.overridden(network_key=SecretStr(text), fetch_allow_networks="127.0.0.0/8")


def added(**options: Any) -> int:
    return networks.add("https://garden.example/", "Garden", LOGIN, options=options).id


@pytest.mark.parametrize("module", [reading, frames, form_values], ids=["reading", "frames", "form_values"])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_numbers_count_up_and_are_never_given_twice() -> None:
    first = networks.add("https://a.example/", "A").id
    networks.remove(first)
    assert networks.add("https://b.example/", "B").id == first + 1
    with pytest.raises(errors.NotFound, match="network list"):
        networks.named(first)


def test_without_a_key_a_login_is_refused_with_what_to_do() -> None:
    with pytest.raises(errors.ConfigError, match="openssl rand"):
        added()
    assert networks.every() == []
    with config.overridden(network_key=SecretStr("short")), pytest.raises(errors.ConfigError, match="no key"):
        added()


def test_a_login_is_nowhere_in_plain_text(store: Any) -> None:
    with key(OLD):
        network = networks.named(added())
        assert networks.login_of(network) == LOGIN
    kept = b"".join(store.hgetall("trawl:forms:network:1").values())
    assert b"hunter2" not in kept and b"gardener" not in kept
    for shown in (repr(network), repr(LOGIN), str(networks.view(network))):
        assert "hunter2" not in shown and "gardener" not in shown and network.credentials not in shown


def test_a_key_is_changed_by_naming_two() -> None:
    with key(OLD):
        number = added()
    with key(f"{NEW},{OLD}"):
        assert networks.login_of(networks.named(number)) == LOGIN and networks.rotate() == 1
    with key(NEW):
        assert networks.login_of(networks.named(number)) == LOGIN
    with key(OLD), pytest.raises(errors.ConfigError, match="old key"):
        networks.login_of(networks.named(number))


def test_a_login_goes_to_no_other_site() -> None:
    with key(OLD):
        number = added()
        assert networks.change(number, {"name": "Other", "url": "https://garden.example/start"}).credentials
        assert not networks.change(number, {"url": "https://elsewhere.example/"}).credentials
        assert networks.change(number, {}, LOGIN).credentials
        stored.write(number, url="https://third.example/")  # by whoever can write to Redis
        with pytest.raises(errors.DataError, match="another site"):
            networks.login_of(networks.named(number))
        assert not networks.change(number, {}, forget_login=True).credentials


def test_a_login_of_one_network_is_none_of_another() -> None:
    with key(OLD):
        text = locks.lock(LOGIN, 1, "https://a.example")
        with pytest.raises(errors.DataError):
            locks.unlock(text, 2, "https://a.example")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("ftp://a.example/", {}),
        ("https://user:pw@a.example/", {}),
        ("http://127.0.0.1/", {}),
        ("https://a.example/", {"login_url": "https://b.example/login"}),
        ("https://a.example/", {"max_pages": 0}),
        ("https://a.example/", {"max_pages": 10_001}),
        ("https://a.example/", {"max_depth": True}),
    ],
)
def test_wrong_networks_are_refused(url: str, options: dict[str, Any]) -> None:
    with pytest.raises(errors.DataError):
        networks.add(url, "A", options=options)
    assert networks.every() == []


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_wrong_names_are_refused(name: str) -> None:
    with pytest.raises(errors.ArgumentError):
        networks.add("https://a.example/", name)


@pytest.mark.parametrize("login", [Login("", "x"), Login("x", ""), Login("x", "y" * 1001)])
def test_half_a_login_is_refused(login: Login) -> None:
    with key(OLD), pytest.raises(errors.ArgumentError):
        networks.add("https://a.example/", "A", login)


@pytest.mark.parametrize("number", ["x", "-1", "²", "9" * 30, 0])
def test_what_is_no_number_is_unknown(number: int | str) -> None:
    with pytest.raises(errors.NotFound):
        networks.named(number)


@pytest.mark.parametrize("text", ["Log out", "Sign-out", "Delete", "Konto löschen", "Déconnexion"])
def test_risky_links_are_known_by_their_words(text: str) -> None:
    assert reading.is_risky("https://a.example/x", text)


@pytest.mark.parametrize("text", ["Blog output", "Deleted scenes", "Login", "Removals company", "Contact"])
def test_other_links_are_followed(text: str) -> None:
    assert not reading.is_risky("https://a.example/x", text)


def test_the_site_of_the_tests_is_allowed(garden: FormSite) -> None:
    assert networks.add(garden.url, "G").url == garden.url


def test_all_logins_are_encrypted_anew() -> None:
    with key(OLD):
        numbers = [added(), added(), networks.add("https://open.example/", "Without a login").id, added()]
    with key(f"{NEW},{OLD}"):
        assert networks.rotate() == 3
    with key(NEW):
        assert [networks.login_of(networks.named(number)) for number in numbers] == [LOGIN, LOGIN, None, LOGIN]
