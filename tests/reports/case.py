"""One incident in these tests: real services, a real vault, an investigation of real-shaped records."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import event_from
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.vault.vault import Vault
from bot.incidents import closing, jobs
from bot.incidents.findings import Kept, keep_events, publish
from bot.reports.chronology import stored
from bot.reports.data import ReportData
from bot.reports.gather import gather
from bot.reports.handlers import handlers
from bot.reports.render import render
from bot.store import evidence
from bot.store.tables.evidence import Artefact
from bot.store.tables.incidents import Incident
from tests.evidence.records import ACCOUNT, BUCKET, Log, leaked_key
from tests.evidence.story import ask
from tests.incidents.doing import DANA, Desk


@dataclass
class Case:
    desk: Desk
    incident: Incident

    @property
    def vault(self) -> Vault:
        return Vault(self.desk.settings.vault_dir)

    def investigate(self, log: Log | None = None, trails: TrailFacts | None = None) -> Investigation:
        """Investigates a log and publishes the result, as the job evidence.collect does."""
        log = log or leaked_key()
        found = ask(log, trails=trails)
        with tempfile.TemporaryDirectory() as folder:
            events = Path(folder) / "events"
            with keep_events(events) as keep:
                for record in log.records:
                    keep(event_from(record, json.dumps(record).encode()))
            kept = Kept.of(
                self.vault, self.incident.name, found, events, Question(bucket=BUCKET, account_id=ACCOUNT)
            )
        with self.desk.database.begin() as tx:
            run = evidence.start_run(tx, self.incident.id, None, {})
            publish(tx, self.incident.id, None, run.id, found, kept)
        return found

    def close(self, note: str = "") -> None:
        with self.desk.database.begin() as tx:
            assert isinstance(closing.close(tx, self.incident.id, DANA.user_id, note), closing.Closed)

    def gather(self) -> ReportData:
        with self.desk.database.read() as tx:
            data = gather(tx, self.incident.id, self.vault)
        assert data is not None
        return data

    def page(self) -> Page:
        return Page.of(render(self.gather()))

    def write(self, name_of: Callable[[str], str | None] = lambda _: None, **payload: Any) -> None:
        handle = handlers(self.desk.database, self.desk.settings, name_of=name_of)[jobs.REPORT_WRITE]
        handle({"incident_id": self.incident.id, **payload})

    def written(self) -> Page:
        """The report in the vault."""
        (row,) = self.reports()
        return Page.of(self.vault.read(stored(row)).decode())

    def reports(self) -> list[Artefact]:
        with self.desk.database.read() as tx:
            return [row for row in evidence.artefacts(tx, self.incident.id) if row.kind == "report"]


class Page(HTMLParser):
    """A page as a browser's parser takes it apart: elements with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[str] = []

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        page.feed(html)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    @property
    def attributes(self) -> set[str]:
        return {name for _, attributes in self.elements for name in attributes}
