"""/api/v1/keys and /api/v1/users, for admins."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from topics.access import api_keys, quotas, users
from web import access, access_models
from web.access import Role
from web.access_models import (
    AccessKey,
    KeyBody,
    KeyChange,
    KeyList,
    KeyMade,
    KeyPath,
    PasswordBody,
    Person,
    PersonBody,
    PersonList,
    PersonPath,
    RoleBody,
)
from web.errors import RESPONSES

api = APIBlueprint("keys", __name__, abp_tags=[Tag(name="Access")])


@api.get("/api/v1/keys", responses={200: KeyList})
@access.needs(Role.ADMIN)
def list_keys() -> dict[str, Any]:
    """All API keys, without their secrets. Revoked ones are listed for 90 days."""
    found = api_keys.every()
    used = quotas.of_many({one.id: one.pages_a_month for one in found})
    return {"items": [access_models.key(one, used[one.id]) for one in found], "next": None}


@api.post("/api/v1/keys", responses={201: KeyMade, 409: RESPONSES[409]})
@access.needs(Role.ADMIN)
def make_key(body: KeyBody) -> tuple[dict[str, Any], int]:
    """Make a key. Its secret is in this reply, and nowhere else ever again."""
    key, secret = api_keys.add(body.name, body.role, days=body.days, rate=body.rate, pages_a_month=body.pages_a_month)
    return {**access_models.key(key, quotas.of(key.id)), "key": secret}, 201


@api.patch("/api/v1/keys/<string:id>", responses={200: AccessKey, 409: RESPONSES[409]})
@access.needs(Role.ADMIN)
def change_key(path: KeyPath, body: KeyChange) -> dict[str, Any]:
    """Change the role or the limits of a key, by its id or name. It holds within five seconds."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    limits = {name: "" if value is None else value for name, value in given.items() if not (name == "role" and value is None)}
    key = api_keys.change(path.id, **limits)
    return access_models.key(key, quotas.of(key.id))


@api.delete("/api/v1/keys/<string:id>", responses={200: AccessKey})
@access.needs(Role.ADMIN)
def revoke_key(path: KeyPath) -> dict[str, Any]:
    """Revoke a key by its id or name. It is refused within five seconds; its jobs go on."""
    key = api_keys.revoke(path.id)
    return access_models.key(key, quotas.of(key.id))


@api.get("/api/v1/users", responses={200: PersonList})
@access.needs(Role.ADMIN)
def list_users() -> dict[str, Any]:
    """All people."""
    return {"items": [access_models.person(one) for one in users.every()], "next": None}


@api.post("/api/v1/users", responses={201: Person, 409: RESPONSES[409]})
@access.needs(Role.ADMIN)
def make_user(body: PersonBody) -> tuple[dict[str, Any], int]:
    """Make a person, who can log in from now on."""
    return access_models.person(users.add(body.name, body.role, body.password)), 201


@api.delete("/api/v1/users/<string:name>", responses={200: Person})
@access.needs(Role.ADMIN)
def remove_user(path: PersonPath) -> dict[str, Any]:
    """Remove a person. Their sessions end within five seconds."""
    return access_models.person(users.remove(path.name))


@api.put("/api/v1/users/<string:name>/role", responses={200: Person})
@access.needs(Role.ADMIN)
def set_role(path: PersonPath, body: RoleBody) -> dict[str, Any]:
    """Give a person another role. It holds within five seconds."""
    return access_models.person(users.set_role(path.name, body.role))


@api.put("/api/v1/users/<string:name>/password", responses={200: Person})
@access.needs(Role.ADMIN)
def set_password(path: PersonPath, body: PasswordBody) -> dict[str, Any]:
    """Set another password. All sessions of that person end."""
    return access_models.person(users.set_password(path.name, body.password))


@api.delete("/api/v1/users/<string:name>/sessions", responses={200: access_models.SessionsEnded})
@access.needs(Role.ADMIN)
def end_sessions(path: PersonPath) -> dict[str, Any]:
    """End all sessions of a person."""
    return {"ended": users.end_sessions(users.find(path.name).name)}
