"""Logging in: the one form that is ever submitted, and that once."""

from collections.abc import Sequence
from urllib.parse import urlencode

import errors
from clients import fetch
from models import Form, FormField
from parsing import form_values, tree, web_urls
from state.forms.networks import Network
from topics.forms import reading
from topics.forms.locks import Login
from topics.forms.sessions import Session, is_html

#: Pages that are looked at for the login form, where no login_url says where it is; redirects that are followed after it.
MOST_PAGES, MOST_REDIRECTS = 5, 5

#: Types of the field for the name, and what such fields are for.
NAMES = ("text", "email", "tel", "")
FOR_NAMES = ("username", "email", "login", "user", "phone")


def log_in(session: Session, network: Network, login: Login) -> str:
    """Log in; the address of the page that came. Raises DataError where there is no login form, or the login was not taken."""
    reply, form = _find(session, network)
    page = reading.read(reply)
    url = web_urls.parse(form.action or page.url)
    _refuse_leak(url, network)
    answer = session.post(url.href, _body(form, login, reply.text), page.url)
    for _ in range(MOST_REDIRECTS):
        if not isinstance(answer, str):
            break
        answer = _onward(session, network, answer)
    if isinstance(answer, str):
        raise errors.DataError("After its login the site only sends on: it may be a loop. Check the login by hand.")
    if is_html(answer) and login_form(reading.read(answer).forms):
        raise errors.DataError(f"{page.url:.300} did not take the login: check name and password, and whether it asks for more.")
    return answer.final_url


def login_form(found: Sequence[Form]) -> Form | None:
    """The form that logs in: a name and one password, and nothing that makes a new account; None where there is none."""
    fit = [form for form in found if len(_passwords(form)) == 1 and _name_field(form) and form.method == "post"]
    fit = [form for form in fit if form.form_type in ("login", "other") or form.purpose == "login"]
    return next((form for form in fit if form.form_type == "login" or form.purpose == "login"), fit[0] if fit else None)


def _find(session: Session, network: Network) -> tuple[fetch.Reply, Form]:
    waiting, seen = [network.login_url or network.url], set[str]()
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        reply = session.page(url, lambda target: _is_ours(target, network))
        if not is_html(reply):
            continue
        page = reading.read(reply)
        if form := login_form(page.forms):
            if form.has_captcha:
                raise errors.BlockedError(
                    f"{page.url:.300} wants a captcha solved before the login: forms behind it cannot be seen."
                )
            return reply, form
        waiting += [one for one in page.logins if _is_ours(one, network)]
    raise errors.DataError(f"No login form on {network.login_url or network.url:.300}: name its page by login_url.")


def _onward(session: Session, network: Network, target: str) -> fetch.Reply:
    if not _is_ours(target, network):
        raise errors.DataError(f"After its login the site sends on to another one, {web_urls.parse(target).host}: not followed.")
    return session.page(target, lambda further: _is_ours(further, network))


def _body(form: Form, login: Login, text: str) -> bytes:
    """The form as a browser would send it: with what stands in it, its first button, and the login."""
    name, password = _name_field(form), _passwords(form)[0]
    assert name is not None
    standing = form_values.of_form_with(tree.parse(text), password.name)
    return urlencode({**form.hidden, **standing, name.name: login.username, password.name: login.password}).encode()


def _name_field(form: Form) -> FormField | None:
    fit = [one for one in form.fields if one.type in NAMES and one.name]
    named = [one for one in fit if any(word in one.field_type.lower() for word in FOR_NAMES)]
    return named[0] if named else fit[0] if len(fit) == 1 else None


def _passwords(form: Form) -> list[FormField]:
    return [one for one in form.fields if one.type == "password" and one.name]


def _is_ours(url: str, network: Network) -> bool:
    try:
        return web_urls.site_of(web_urls.parse(url).host) == web_urls.site_of(web_urls.parse(network.url).host)
    except errors.DataError:
        return False


def _refuse_leak(url: web_urls.Url, network: Network) -> None:
    """A password goes to its own site, and never from https to http."""
    start = web_urls.parse(network.url)
    if not _is_ours(url.href, network) or (start.scheme == "https" and url.scheme != "https"):
        raise errors.DataError(f"The login form sends to {url.origin}, not to {start.origin}: the login was not sent.")
