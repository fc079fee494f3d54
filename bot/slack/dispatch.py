"""From Bolt to our listeners and back: parse, take each delivery once, one transaction, then answer.

The listener runs inside the transaction and never speaks to Slack; what it answers is sent after the
commit, so nobody is told what was rolled back. An unknown error becomes a sentence with a reference that
stands in the log beside the traceback.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.config import Settings, SettingsError
from bot.slack import modals, requests, sentences
from bot.slack.answers import Answer, FieldErrors, Nothing, OpenModal, ReplaceModal, Say
from bot.slack.identity import Myself
from bot.slack.registry import Handler, Registry
from bot.slack.requests import Body, Click, Command, Event, Request, Shortcut, Submission
from bot.store import inbox, outbox
from bot.store.database import Database
from bot.store.types import Tx

log = structlog.get_logger(__name__)

R = TypeVar("R", Command, Click, Submission, Shortcut, Event)
_ANYTHING = re.compile(".*", re.DOTALL)


@dataclass(frozen=True)
class Deps:
    """What every delivery needs. `client` opens modals and, if the database fails, says so."""

    settings: Settings
    database: Database
    client: WebClient
    myself: Myself


def attach(app: App, registry: Registry, deps: Deps) -> None:
    """Wires every registered listener to Bolt, and an answer to what has none (an old button)."""
    for name, entry in registry.commands.items():
        app.command(name)(_listener(deps, requests.command, entry.handler))
    for action_id, on_click in registry.actions.items():
        # Several buttons of one kind in one row are numbered: ids must be unique there.
        app.action(re.compile(rf"{re.escape(action_id)}(\.\d+)?$"))(_listener(deps, requests.click, on_click))
    for callback_id, on_submit in registry.views.items():
        app.view(callback_id)(_listener(deps, requests.submission, on_submit))
    for callback_id, shortcut in registry.shortcuts.items():
        app.shortcut(callback_id)(_listener(deps, requests.shortcut, shortcut.handler))
    for kind, on_event in registry.events.items():
        app.event(kind)(_listener(deps, requests.event, on_event))
    app.command(_ANYTHING)(_listener(deps, requests.command, _outdated))
    app.action(_ANYTHING)(_listener(deps, requests.click, _outdated))
    app.view(_ANYTHING)(_listener(deps, requests.submission, _outdated))
    app.shortcut(_ANYTHING)(_listener(deps, requests.shortcut, _outdated))
    app.event(_ANYTHING)(_unneeded)


def _outdated(tx: Tx, settings: Settings, request: Request) -> Answer:  # noqa: ARG001
    return Say(sentences.OUTDATED)


def _unneeded(event: dict[str, Any]) -> None:
    """Events that Slack sends beside those that were asked for (its app may have more switched on)."""
    log.debug("event.unneeded", kind=event.get("type"))


def _listener(deps: Deps, parse: Callable[[Body], R], handler: Handler[R]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        request = parse(body)
        answer = _guarded(request, lambda: _shown(deps, request, _once(deps, request, handler)))
        _send(deps, request, answer, ack)

    return listener


def _once(deps: Deps, request: R, handler: Handler[R]) -> Answer:
    """Runs the handler in one transaction; a delivery that was taken in before changes and says nothing."""
    if request.team_id != deps.myself.identity().team_id:
        return Say(sentences.OTHER_WORKSPACE)
    with deps.database.begin() as tx:
        if not inbox.first_time(tx, request.delivery_id, type(request).__name__.lower()):
            return Nothing()
        return _by_outbox(tx, request, handler(tx, deps.settings, request))


def _by_outbox(tx: Tx, request: Request, answer: Answer) -> Answer:
    """A click in a channel is answered by a message that only this person sees, written with the change."""
    if not (isinstance(answer, Say) and isinstance(request, Click) and request.channel_id):
        return answer
    place = outbox.Place(request.channel_id, user_id=request.user_id)
    outbox.say(tx, f"reply:{request.delivery_id}", place, "reply", {"mrkdwn": answer.text})
    return Nothing()


def _guarded(request: Request, work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except SettingsError as error:
        return Say(sentences.setting_wrong(str(error)))
    except SlackApiError as error:
        log.warning("slack.refused", error=error.response.get("error"), request=request.delivery_id)
        return Say(sentences.slack_refused(str(error.response.get("error"))))
    except Exception as error:  # the boundary of the process: everything gets an answer
        reference = uuid.uuid4().hex[:8]
        log.exception("listener.failed", reference=reference, request=request.delivery_id, exc_info=error)
        return Say(sentences.unexpected(reference))


def _shown(deps: Deps, request: Request, answer: Answer) -> Answer:
    """Opens the modal, or puts it on top of the one that the click was in; other answers pass.

    A form that answers with a form becomes it: that goes with the ack. A page is turned in its place.
    """
    if isinstance(answer, ReplaceModal) and isinstance(request, Click) and request.view_id:
        deps.client.views_update(view_id=request.view_id, view=answer.view.to_dict())
        return Nothing()
    if not isinstance(answer, OpenModal) or isinstance(request, Submission):
        return answer
    on_top = isinstance(request, Click) and request.in_modal
    show = deps.client.views_push if on_top else deps.client.views_open
    show(trigger_id=request.trigger_id or "", view=answer.view.to_dict())
    return Nothing()


def _send(deps: Deps, request: Request, answer: Answer, ack: Ack) -> None:
    match request, answer:
        case Command(), Say(text=text, blocks=blocks):
            ack(text=text, blocks=[block.to_dict() for block in blocks] or None)
        case Submission(), FieldErrors(errors=errors):
            ack(response_action="errors", errors=dict(errors))
        case Submission(), OpenModal(view=view):
            ack(response_action="update", view=view.to_dict())
        case Submission(), Say(text=text):
            ack(response_action="update", view=modals.sentence(text).to_dict())
        case Submission(), _:
            ack(response_action="clear")
        case ((Click() | Shortcut()), Say(text=text)):
            ack()
            _say_directly(deps, request, text)
        case _:
            ack()


def _say_directly(deps: Deps, request: Request, text: str) -> None:
    """Where neither the ack nor the outbox can carry the sentence: at once, in the channel or as a modal."""
    try:
        if isinstance(request, Click) and request.channel_id:
            deps.client.chat_postEphemeral(channel=request.channel_id, user=request.user_id, text=text)
        else:
            _shown(deps, request, OpenModal(modals.sentence(text)))
    except (SlackClientError, OSError) as error:
        log.warning("answer.not_shown", request=request.delivery_id, error=str(error), text=text)


def error_body(error: Exception) -> str:
    """The answer to what failed before any listener ran (wrong token, body that is no JSON)."""
    reference = uuid.uuid4().hex[:8]
    log.error("dispatch.failed", reference=reference, exc_info=error)
    return json.dumps({"text": sentences.unexpected(reference)})
