"""auth, apps, team, users and user groups. Source: docs.slack.dev/reference/methods."""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, method, page
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import group_json, user_json
from bot.sandbox.slack.records import Json


def auth_test(call: Call) -> Json:
    workspace = call.workspace
    return {
        "url": call.backend.base_url,
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.users[call.bot].name,
        "user_id": call.bot,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    """A websocket URL for Socket Mode, good for one connection."""
    ticket = call.backend.sockets.new_ticket()
    host = call.backend.base_url.removeprefix("http://")
    return {"url": f"ws://{host}link/?ticket={ticket}&app_id={call.workspace.app.id}"}


def team_info(call: Call) -> Json:
    workspace = call.workspace
    return {
        "team": {
            "id": workspace.team_id,
            "name": workspace.team_name,
            "domain": workspace.team_domain,
            "email_domain": "example.com",
            "url": call.backend.base_url,
            "icon": {},
        }
    }


def bots_info(call: Call) -> Json:
    workspace = call.workspace
    if call.args.text("bot") not in ("", workspace.bot_id):
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": workspace.bot_id,
            "app_id": workspace.app.id,
            "user_id": call.bot,
            "name": workspace.app.name,
            "deleted": False,
            "icons": {},
        }
    }


def users_info(call: Call) -> Json:
    return {"user": user_json(call.workspace.user(call.args.required("user")))}


def users_list(call: Call) -> Json:
    shown, metadata = page([user_json(one) for one in call.workspace.users.values()], call)
    return {"members": shown, "cache_ts": int(call.workspace.clock()), "response_metadata": metadata}


def usergroups_list(call: Call) -> Json:
    with_users = call.args.flag("include_users")
    groups = call.workspace.groups.values()
    return {"usergroups": [group_json(one, call.workspace.team_id, with_users=with_users) for one in groups]}


def usergroup_users(call: Call) -> Json:
    group = call.workspace.groups.get(call.args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": [one for one in group.users if not call.workspace.users[one].deleted]}


METHODS: dict[str, Method] = {
    "auth.test": method(auth_test),
    "apps.connections.open": Method(open_connection, by_app=True),
    "team.info": method(team_info, "team:read"),
    "bots.info": method(bots_info, "users:read"),
    "users.info": method(users_info, "users:read"),
    "users.list": method(users_list, "users:read"),
    "usergroups.list": method(usergroups_list, "usergroups:read"),
    "usergroups.users.list": method(usergroup_users, "usergroups:read"),
}
