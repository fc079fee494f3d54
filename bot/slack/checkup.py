"""Is Slack as the bot needs it? Tokens, scopes, the socket, the approvers."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.checkup import Line, ill, well, worry
from bot.config import Settings
from bot.slack.identity import web_client
from bot.slack.manifest import scopes

_MANIFEST = "Print `s3incident manifest`, paste it as the app's manifest, and install the app again."


def checkup(settings: Settings) -> Iterator[Line]:
    """Asks Slack; every refusal becomes a line, none is raised."""
    client = web_client(settings)
    try:
        answer = client.auth_test()
    except (SlackApiError, OSError) as error:
        yield ill("Slack bot token", _why(error), "Copy SLACK_BOT_TOKEN anew from 'OAuth & Permissions'.")
        return
    yield well("Slack bot token", f"{answer['user']} in the workspace {answer['team']}")
    headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
    yield _scopes(headers.get("x-oauth-scopes", ""))
    if settings.slack_app_token:
        yield _socket(client, settings.slack_app_token)
    elif not settings.slack_signing_secret:
        todo = "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        yield ill("Slack deliveries", "neither Socket Mode nor HTTP is set up", todo)
    for approver in dict.fromkeys((*settings.approvers, *settings.escalate_to)):
        yield _approver(client, approver)


def _scopes(given: str) -> Line:
    missing = sorted(set(scopes()) - {one.strip() for one in given.split(",")})
    if missing:
        return ill("Slack scopes", f"missing: {', '.join(missing)}", _MANIFEST)
    return well("Slack scopes", "all that are needed")


def _socket(client: WebClient, app_token: str) -> Line:
    try:
        client.apps_connections_open(app_token=app_token)
    except (SlackApiError, OSError) as error:
        todo = "Make SLACK_APP_TOKEN anew under 'Basic Information', with the scope connections:write."
        return ill("Slack socket", _why(error), todo)
    return well("Slack socket", "Slack gives out a websocket")


def _approver(client: WebClient, approver: str) -> Line:
    what, variables = f"Approver {approver}", "S3INCIDENT_APPROVERS (or S3INCIDENT_ESCALATE_TO)"
    try:
        if approver.startswith("S"):
            members = client.usergroups_users_list(usergroup=approver)["users"]
            if len(members) < 2:
                todo = "Add people: whoever asks for a change may not approve it."
                return worry(what, f"a group of {len(members)}", todo)
            return well(what, f"a group of {len(members)} people")
        user = client.users_info(user=approver)["user"]
    except (SlackApiError, OSError) as error:
        return ill(what, _why(error), f"Mend {variables}: no such group or person could be read.")
    if user.get("deleted"):
        return ill(what, "deactivated", f"Take this person out of {variables}.")
    return well(what, str(user.get("real_name") or user["name"]))


def _why(error: SlackApiError | OSError) -> str:
    return str(error.response["error"]) if isinstance(error, SlackApiError) else f"no connection: {error}"
