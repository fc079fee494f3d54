"""views.*: modals and App Home. Source: docs.slack.dev/reference/methods/views.open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.api.call import Call, Method, method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import view_json
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.view_stack import open_modal, publish_home, push_modal, update_view
from bot.sandbox.slack.workspace import Workspace


def open_view(call: Call) -> Json:
    return _triggered(call, open_modal)


def push(call: Call) -> Json:
    return _triggered(call, push_modal)


def _triggered(call: Call, show: Callable[[Workspace, str, Json], View]) -> Json:
    user = call.backend.triggers.use(call.args.required("trigger_id"))
    return _answer(call, show(call.workspace, user, _definition(call)))


def update(call: Call) -> Json:
    """Raises SlackError ``not_found`` and, with an old ``hash``, ``hash_conflict``."""
    view = _wanted(call)
    _check_hash(call, view)
    return _answer(call, update_view(call.workspace, view, _definition(call)))


def publish(call: Call) -> Json:
    user = call.args.required("user_id")
    call.workspace.user(user)
    home = call.workspace.homes.get(user)
    if home is not None:
        _check_hash(call, home)
    return _answer(call, publish_home(call.workspace, user, _definition(call)))


def _wanted(call: Call) -> View:
    external_id = call.args.text("external_id")
    if not external_id:
        return call.workspace.view(call.args.required("view_id"))
    view = call.workspace.view_by_external_id(external_id)
    if view is None:
        raise SlackError("not_found")
    return view


def _check_hash(call: Call, view: View) -> None:
    if call.args.text("hash") not in ("", view.hash):
        raise SlackError("hash_conflict")


def _definition(call: Call) -> Any:
    call.args.required("view")
    return call.args.value("view", "invalid_arguments")


def _answer(call: Call, view: View) -> Json:
    return {"view": view_json(call.workspace, view)}


METHODS: dict[str, Method] = {
    "views.open": method(open_view),
    "views.push": method(push),
    "views.update": method(update),
    "views.publish": method(publish),
}
