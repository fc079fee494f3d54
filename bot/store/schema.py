"""All tables in one place: importing this module makes `Base.metadata` complete."""

from bot.store.tables import audits, evidence, incidents, ledger, plans, playbooks, work
from bot.store.types import Base

__all__ = ["Base", "audits", "evidence", "incidents", "ledger", "plans", "playbooks", "work"]
