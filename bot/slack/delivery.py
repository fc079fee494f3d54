"""The outbox's way to Slack: each message once, in order, drawn from the present state, never lost.

A message is noted as being attempted before it is sent. Where the answer is missing (crash, lost
connection, error of Slack's) the next attempt first looks in Slack for the key that each message carries.
"""

from __future__ import annotations

from datetime import timedelta
from http.client import HTTPException

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.config import Settings
from bot.evidence.vault.vault import Vault
from bot.slack import errors, files
from bot.slack.cards import deck
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.kit import Card
from bot.slack.errors import Meaning
from bot.slack.files import FileGoneError
from bot.slack.identity import web_client
from bot.slack.pace import Pace
from bot.slack.posting import Place, Posting
from bot.slack.routing import Wait, route
from bot.store import outbox
from bot.store.database import Database
from bot.store.tables.work import OutboxMessage
from bot.store.types import utcnow

log = structlog.get_logger(__name__)

UNSURE_PAUSE = 5.0


class Delivery:
    """Takes messages from the outbox, one at a time. Use one in each process, on one thread."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        client: WebClient | None = None,
        vault: Vault | None = None,
    ) -> None:
        self._database = database
        self._vault = vault or Vault(settings.vault_dir)
        self._settings = settings
        self._slack = Posting(client or web_client(settings))
        self._pace = Pace()

    def deliver_one(self) -> bool:
        """Takes the message that is due, and sends, postpones or gives it up. False: nothing was due."""
        message = self._claim()
        if message is None:
            return False
        try:
            self._deliver(message)
        except SlackApiError as error:
            self._refused(message, error)
        except (OSError, HTTPException) as error:
            self._postpone(message, UNSURE_PAUSE, f"no answer from Slack: {error}")
        except (CardGoneError, FileGoneError) as error:
            self._give_up(message, f"there is nothing to show: {error}")
        except Exception as error:  # the boundary of the process: one bad message must not stop the others
            log.exception("delivery.failed", key=message.key, card=message.card)
            with self._database.begin() as tx:
                outbox.refuse(tx, message, f"{type(error).__name__}: {error}")
        return True

    def _claim(self) -> OutboxMessage | None:
        # Reading first: a claim takes the database's write lock, which an idle process must not fight for.
        with self._database.read() as tx:
            due = outbox.next_due(tx)
        if due is None or due > utcnow():
            return None
        with self._database.begin() as tx:
            return outbox.claim(tx)

    def _deliver(self, message: OutboxMessage) -> None:
        """Finds out where to, whether it is its turn, and sends it there."""
        with self._database.read() as tx:
            place = route(tx, message)
        if isinstance(place, Wait):
            self._postpone(message, place.seconds, place.why)
            return
        if pause := self._pace.wait(_lane(message)):
            self._postpone(message, pause, "one message a second and channel")
            return
        if message.card == "file":
            self._share(message, place)
        elif message.user_id:
            self._to_one_person(message, place, self._draw(message))
        elif message.slack_ts:
            self._edit(message, place, self._draw(message))
        else:
            self._post(message, place, self._draw(message))

    def _draw(self, message: OutboxMessage) -> Card:
        with self._database.read() as tx:
            return deck.draw(tx, self._settings, message.card, message.args)

    def _post(self, message: OutboxMessage, place: Place, card: Card) -> None:
        ts = self._look(message, place)
        if ts is None:
            self._attempt(message)
            ts = self._post_somehow(message, place, card)
        if message.card == "control":
            self._slack.pin(place.channel, ts)
        self._delivered(message, place, ts)

    def _look(self, message: OutboxMessage, place: Place) -> str | None:
        """The earlier attempt's message, if there was an attempt and it arrived."""
        if message.attempted_at is None:
            return None
        return self._slack.find(place, message.key, message.attempted_at)

    def _attempt(self, message: OutboxMessage) -> None:
        with self._database.begin() as tx:
            outbox.attempting(tx, message)

    def _post_somehow(self, message: OutboxMessage, place: Place, card: Card) -> str:
        """With its blocks; where Slack refuses those, as text, because it must be read by somebody."""
        try:
            return self._slack.post(place, message.key, card)
        except SlackApiError as error:
            if errors.meaning(error) is not Meaning.TOO_MUCH:
                raise
            self._log_plain(message, error)
            return self._slack.post(place, message.key, card, blocks=False)

    def _edit(self, message: OutboxMessage, place: Place, card: Card) -> None:
        ts = str(message.slack_ts)
        try:
            self._edit_somehow(message, place, ts, card)
        except SlackApiError as error:
            if errors.meaning(error) is not Meaning.MESSAGE_GONE:
                raise
            log.warning("delivery.posted_anew", key=message.key, why=errors.code(error))
            message.attempted_at = None
            self._post(message, place, card)
            return
        self._delivered(message, place, ts)

    def _edit_somehow(self, message: OutboxMessage, place: Place, ts: str, card: Card) -> None:
        try:
            self._slack.edit(place.channel, ts, message.key, card)
        except SlackApiError as error:
            if errors.meaning(error) is not Meaning.TOO_MUCH:
                raise
            self._log_plain(message, error)
            self._slack.edit(place.channel, ts, message.key, card, blocks=False)

    def _log_plain(self, message: OutboxMessage, error: SlackApiError) -> None:
        log.error("delivery.plain_text", key=message.key, card=message.card, error=errors.code(error))

    def _to_one_person(self, message: OutboxMessage, place: Place, card: Card) -> None:
        """App Home, a message only this person sees, or a direct message where neither can be."""
        user_id = str(message.user_id)
        if message.card == "home":
            self._slack.home(user_id, card)
        elif place.channel == user_id:
            self._slack.post(place, message.key, card)
        else:
            self._whisper(place, user_id, message.key, card)
        self._delivered(message, place, None)

    def _whisper(self, place: Place, user_id: str, key: str, card: Card) -> None:
        try:
            self._slack.whisper(place.channel, user_id, card)
        except SlackApiError as error:
            if errors.meaning(error) is not Meaning.UNREACHABLE:
                raise
            self._slack.post(Place(user_id), key, card)

    def _share(self, message: OutboxMessage, place: Place) -> None:
        """A file cannot be edited: shared once, later versions change nothing."""
        if message.sent == 0:
            with self._database.read() as tx:
                file = files.load(tx, self._vault, message)
            known = message.attempted_at and self._slack.has_file(place, file.name, message.attempted_at)
            if not known:
                self._attempt(message)
                self._slack.share(place, file)
        self._delivered(message, place, None)

    def _delivered(self, message: OutboxMessage, place: Place, ts: str | None) -> None:
        with self._database.begin() as tx:
            outbox.delivered(tx, message, message.wanted, place.channel, ts)

    def _refused(self, message: OutboxMessage, error: SlackApiError) -> None:
        why = errors.code(error)
        match errors.meaning(error):
            case Meaning.RATE_LIMITED:
                pause = errors.retry_after(error)
                self._pace.close(_lane(message), pause)
                self._postpone(message, pause, why)
            case Meaning.UNSURE:
                self._postpone(message, UNSURE_PAUSE, why)
            case Meaning.UNREACHABLE:
                self._give_up(message, why)
            case _:
                log.error("delivery.refused", key=message.key, card=message.card, error=why)
                with self._database.begin() as tx:
                    outbox.refuse(tx, message, why)

    def _postpone(self, message: OutboxMessage, seconds: float, why: str) -> None:
        with self._database.begin() as tx:
            outbox.postpone(tx, message, utcnow() + timedelta(seconds=seconds), why)

    def _give_up(self, message: OutboxMessage, why: str) -> None:
        """Cannot ever be shown: kept in the outbox as failed, with the reason, and said in the log."""
        log.error("delivery.given_up", key=message.key, card=message.card, why=why)
        with self._database.begin() as tx:
            outbox.refuse(tx, message, why, final=True)


def _lane(message: OutboxMessage) -> str:
    """What Slack counts together: new messages of a channel; edits have a limit of their own."""
    return f"{'edit' if message.slack_ts else 'post'} {message.destination}"
