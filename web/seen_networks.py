"""Networks and pages with forms that a caller may see: what belongs to another is as unknown as what is not there."""

from state.forms.networks import Network
from state.forms.pages import Page
from topics.forms import networks, views
from web import access


def named(number: int) -> Network:
    """A network. Raises NotFound."""
    found = networks.named(number)
    if not access.may_see(found.owner):
        raise networks.unknown(number)
    return found


def page(number: int) -> Page:
    """A page with forms. Raises NotFound."""
    found = views.page_named(number)
    network = views.network_of(found)
    if network is None or not access.may_see(network.owner):
        raise views.unknown(number)
    return found


def part(limit: int, cursor: str) -> tuple[list[Network], str]:
    """Some networks by number, those after the cursor, and the next cursor; "" = there are none."""
    after = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 16 else 0
    left = [one for one in networks.every() if one.id > after and access.may_see(one.owner)]
    return left[:limit], str(left[limit - 1].id) if len(left) > limit else ""
