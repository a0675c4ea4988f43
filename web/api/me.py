"""/api/v1/me: who asks, with which role, what is left of a key's quota; and one's own sessions and password."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

import config
import queues
from topics.access import api_keys, logins, quotas, sessions, users
from web import access, access_models, peers
from web.access import Role
from web.access_models import Me, MyPasswordBody, SessionList, SessionPath, SessionsEnded
from web.errors import Problem

api = APIBlueprint("me", __name__, abp_tags=[Tag(name="Access")])


@api.get("/api/v1/me", responses={200: Me})
def me() -> dict[str, Any]:
    """Who asks. With a session: the token that a change needs beside the cookie, as X-CSRFToken."""
    who = access.caller()
    found: dict[str, Any] = {"name": who.name, "role": who.role.word, "how": who.how.partition(":")[0]}
    if not who.key_id:
        return {**found, "key_id": None, "rate": None, "quota": None, "csrf_token": access.csrf_token() or None}
    queues.settle_pages(who.key_id)
    rate = api_keys.get(who.key_id).rate
    rate = config.settings().key_rate if rate is None else rate
    return {**found, "key_id": who.key_id, "rate": rate, "quota": access_models.quota(quotas.of(who.key_id)), "csrf_token": None}


@api.get("/api/v1/me/sessions", responses={200: SessionList})
def my_sessions() -> dict[str, Any]:
    """Your sessions, the newest first."""
    who = access.caller()
    found = sessions.of_user(who.name) if who.session_id else []
    return {"items": [access_models.session(one, who.session_id) for one in found], "next": None}


@api.delete("/api/v1/me/sessions/<string:id>", responses={200: SessionsEnded})
@access.needs(Role.VIEWER)
def end_my_session(path: SessionPath) -> dict[str, Any]:
    """End one of your sessions."""
    who = access.caller()
    if not who.session_id or not sessions.end(who.name, path.id):
        raise Problem(404, "There is no such session of yours: it may be over by now.")
    return {"ended": 1}


@api.put("/api/v1/me/password", responses={200: SessionsEnded})
@access.needs(Role.VIEWER)
def change_my_password(body: MyPasswordBody) -> dict[str, Any]:
    """Set another password of your own. All your sessions end, this one too."""
    who = access.caller()
    if not who.session_id:
        raise Problem(403, "Only who is logged in has a password: log in at /login.", code="forbidden")
    if not logins.is_password(who.name, body.old, peers.address()):
        raise Problem(403, "The old password is wrong.", code="forbidden")
    ended = len(sessions.of_user(who.name))
    users.set_password(who.name, body.password)
    return {"ended": ended}
