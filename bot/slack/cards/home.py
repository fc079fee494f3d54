"""App Home: what waits for me, and the incidents I take part in."""

from __future__ import annotations

from bot.config import Settings
from bot.slack import names
from bot.slack.cards import inbox, kit
from bot.slack.cards.text import channel, code
from bot.slack.taking_part import takes_part
from bot.store import incidents
from bot.store.tables.incidents import Incident
from bot.store.types import JsonObject, Tx


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    user_id = str(args["user_id"])
    mine = [one for one in incidents.listing(tx) if takes_part(tx, one, user_id)]
    return kit.card(
        kit.header("S3 incidents"),
        *inbox.blocks(tx, args),
        kit.divider(),
        kit.paragraph("My open incidents", [_line(one) for one in mine], elsewhere="")
        or kit.section("*My open incidents*\nNone."),
        kit.actions(kit.button("Open an incident", names.OPEN, "home")),
        kit.context("`/s3incident help` lists the commands. This page is drawn anew each time you open it."),
    )


def _line(incident: Incident) -> str:
    where = f" in {channel(incident.channel_id)}" if incident.channel_id else ""
    contained = "contained" if incident.contained_at else "*not contained*"
    what = f"*{incident.name}* SEV{incident.severity} {code(incident.bucket)}"
    return f"{what}: {incident.phase}, {contained}{where}"
