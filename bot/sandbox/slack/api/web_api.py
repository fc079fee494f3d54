"""The Web API: finds the method, checks token and scopes, applies faults, answers as Slack does."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.sandbox.slack.api import chat, conversations, extras, files, team, views
from bot.sandbox.slack.api.arguments import Arguments, read
from bot.sandbox.slack.api.call import Call, Method
from bot.sandbox.slack.backend import APP_TOKEN, BOT_TOKEN, Backend, Refusal
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.scopes import require

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **extras.METHODS,
    **files.METHODS,
    **team.METHODS,
    **views.METHODS,
}


class WebApi:
    """Serves ``/api/{method}``."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        fault = self._backend.faults.next_for(name)
        if fault is not None and fault.kind == "rate_limit":
            return _rate_limited(int(fault.amount))
        if fault is not None and fault.kind == "fail":
            return web.Response(status=int(fault.amount), text="upstream connect error")
        answer = await self._answer(name, request)
        if fault is not None:
            await asyncio.sleep(fault.amount)
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._backend.workspace.app.scopes))}
        return web.json_response(answer, headers=headers)

    async def _answer(self, name: str, request: web.Request) -> Json:
        try:
            return {"ok": True, **self._run(name, request, await read(request))}
        except SlackError as refusal:
            metadata = refusal.details.get("response_metadata", {})
            self._backend.refusals.append(Refusal(name, refusal.code, tuple(metadata.get("messages", ()))))
            return refusal.body()

    def _run(self, name: str, request: web.Request, sent: Json) -> Json:
        found = METHODS.get(name)
        if found is None:
            raise SlackError("unknown_method", req_method=name)
        _check_token(found, _token(request, sent))
        require(self._backend.workspace.app, found.scopes)
        return found.run(Call(self._backend, Arguments(sent)))


def _token(request: web.Request, sent: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or str(sent.get("token") or "")


def _check_token(found: Method, token: str) -> None:
    """Raises SlackError ``not_authed``, ``invalid_auth``, ``not_allowed_token_type``."""
    if not token:
        raise SlackError("not_authed")
    if token not in (BOT_TOKEN, APP_TOKEN):
        raise SlackError("invalid_auth")
    if (token == APP_TOKEN) is not found.by_app:
        raise SlackError("not_allowed_token_type")


def _rate_limited(seconds: int) -> web.Response:
    return web.json_response(
        {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)}
    )
