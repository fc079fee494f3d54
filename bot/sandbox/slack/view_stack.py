"""The modals on a person's screen: a stack of at most three, and the App Home beside it."""

from __future__ import annotations

import secrets

from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.inputs import state_of
from bot.sandbox.slack.records import Change, Json, View
from bot.sandbox.slack.validation.surfaces import view_issues, view_too_large
from bot.sandbox.slack.workspace import Workspace

MOST_VIEWS = 3


def check_view(workspace: Workspace, definition: Json, kind: str, *, replaces: View | None = None) -> None:
    """Raises SlackError ``invalid_arguments``, ``view_too_large``, ``duplicate_external_ids``."""
    issues = view_issues(definition)
    if not issues and definition["type"] != kind:
        issues = [f"must be of type {kind} [json-pointer:/view/type]"]
    if issues:
        raise invalid("invalid_arguments", issues)
    if view_too_large(definition):
        raise SlackError("view_too_large")
    external_id = definition.get("external_id")
    holder = workspace.view_by_external_id(external_id) if external_id else None
    if holder is not None and holder is not replaces:
        raise SlackError("duplicate_external_ids")


def open_modal(workspace: Workspace, user: str, definition: Json) -> View:
    """Show a modal; one that was open before is replaced with its whole stack."""
    check_view(workspace, definition, "modal")
    clear(workspace, user)
    return _show(workspace, _new_view(workspace, user, definition))


def push_modal(workspace: Workspace, user: str, definition: Json) -> View:
    """Put a modal on top of the stack. Raises SlackError ``push_limit_reached``."""
    check_view(workspace, definition, "modal")
    stack = workspace.stack(user)
    if len(stack) >= MOST_VIEWS:
        raise SlackError("push_limit_reached")
    view = _new_view(workspace, user, definition)
    if stack:
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
    return _show(workspace, view)


def update_view(workspace: Workspace, view: View, definition: Json) -> View:
    """Replace what a view shows; what was entered stays where the elements stay."""
    check_view(workspace, definition, view.definition["type"], replaces=view)
    _fill(workspace, view, definition)
    workspace.announce(Change("view_updated", view=view, user=view.user))
    return view


def publish_home(workspace: Workspace, user: str, definition: Json) -> View:
    """Set somebody's App Home."""
    home = workspace.homes.get(user)
    check_view(workspace, definition, "home", replaces=home)
    if home is None:
        home = workspace.homes[user] = _new_view(workspace, user, definition)
    else:
        _fill(workspace, home, definition)
    workspace.announce(Change("home", view=home, user=user))
    return home


def close_view(workspace: Workspace, view: View) -> None:
    """Take a modal from the screen; what is above it goes with it."""
    stack = workspace.stack(view.user)
    while view in stack:
        gone = stack.pop()
        workspace.announce(Change("view_closed", view=gone, user=view.user))


def clear(workspace: Workspace, user: str) -> None:
    stack = workspace.stack(user)
    if stack:
        close_view(workspace, stack[0])


def _new_view(workspace: Workspace, user: str, definition: Json) -> View:
    view = View(workspace.new_id("V"), user, {}, "")
    view.root_id = view.id
    _fill(workspace, view, definition)
    return view


def _fill(workspace: Workspace, view: View, definition: Json) -> None:
    blocks = [workspace.with_block_id(one) for one in definition["blocks"]]
    view.definition = {**definition, "blocks": blocks}
    view.values = state_of(blocks, view.values)
    view.hash = f"{int(workspace.clock())}.{secrets.token_hex(4)}"


def _show(workspace: Workspace, view: View) -> View:
    workspace.stack(view.user).append(view)
    workspace.announce(Change("view_opened", view=view, user=view.user))
    return view
