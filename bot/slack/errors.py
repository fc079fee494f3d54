"""What a refusal of Slack's means for a delivery. https://docs.slack.dev/reference/methods/chat.postMessage"""

from __future__ import annotations

from enum import Enum, auto

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse


class Meaning(Enum):
    """RATE_LIMITED: not sent, try after `retry_after`. UNSURE: may have been sent, look before trying again.
    MESSAGE_GONE: the message to edit is not there. UNREACHABLE: this channel, or this person in it, cannot
    be written to. TOO_MUCH: the message breaks a rule of Slack's. REFUSED: anything else, said clearly.
    """

    RATE_LIMITED = auto()
    UNSURE = auto()
    MESSAGE_GONE = auto()
    UNREACHABLE = auto()
    TOO_MUCH = auto()
    REFUSED = auto()


_BY_CODE = {
    "ratelimited": Meaning.RATE_LIMITED,
    "rate_limited": Meaning.RATE_LIMITED,
    "internal_error": Meaning.UNSURE,
    "fatal_error": Meaning.UNSURE,
    "service_unavailable": Meaning.UNSURE,
    "request_timeout": Meaning.UNSURE,
    "message_not_found": Meaning.MESSAGE_GONE,
    "cant_update_message": Meaning.MESSAGE_GONE,
    "channel_not_found": Meaning.UNREACHABLE,
    "not_in_channel": Meaning.UNREACHABLE,
    "user_not_in_channel": Meaning.UNREACHABLE,
    "is_archived": Meaning.UNREACHABLE,
    "restricted_action": Meaning.UNREACHABLE,
    "invalid_blocks": Meaning.TOO_MUCH,
    "invalid_blocks_format": Meaning.TOO_MUCH,
    "msg_too_long": Meaning.TOO_MUCH,
    "msg_blocks_too_long": Meaning.TOO_MUCH,
    "invalid_arguments": Meaning.TOO_MUCH,
    "invalid_metadata_format": Meaning.TOO_MUCH,
}


def code(error: SlackApiError) -> str:
    """Slack's own word for it."""
    data = _response(error).data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def meaning(error: SlackApiError) -> Meaning:
    status = _response(error).status_code
    if status == 429:
        return Meaning.RATE_LIMITED
    if status >= 500 or " " in code(error):
        # No JSON from Slack at all: a proxy answered, and nobody knows what happened behind it.
        return Meaning.UNSURE
    return _BY_CODE.get(code(error), Meaning.REFUSED)


def retry_after(error: SlackApiError) -> float:
    """Seconds Slack asks to wait."""
    headers = {name.lower(): value for name, value in _response(error).headers.items()}
    given = headers.get("retry-after", "1")
    return float(given[0] if isinstance(given, list) else given)


def _response(error: SlackApiError) -> SlackResponse:
    response = error.response
    assert isinstance(response, SlackResponse)
    return response
