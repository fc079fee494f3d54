"""The objects of the scenario's buckets: believable names, some kilobytes each, the same for a seed."""

from __future__ import annotations

from random import Random

NAMES = (
    "Alvarez",
    "Bennett",
    "Chowdhury",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ibrahim",
    "Jansen",
    "Kowalski",
    "Larsen",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
)
PAYROLL = tuple(
    f"2026/{month:02}/{kind}-2026-{month:02}.{suffix}"
    for month in range(1, 12)
    for kind, suffix in (("salaries", "csv"), ("tax-withholding", "csv"), ("bank-transfers", "xml"))
)
STAFF = (
    "hr/employee-directory.csv",
    "hr/bank-account-changes.csv",
    "hr/contracts/executive-compensation.pdf",
    "hr/contracts/template-2026.docx",
    "exports/year-end-2025.zip",
    "exports/pension-fund-2026-q3.csv",
    "readme.txt",
)


def payroll(chance: Random) -> dict[str, bytes]:
    """Keys and contents of the payroll bucket."""
    return {key: _table(chance, key) for key in (*PAYROLL, *STAFF)}


def website() -> dict[str, bytes]:
    page = b"<!doctype html><title>Acme</title><h1>Acme makes everything.</h1>\n"
    return {"index.html": page, "assets/site.css": b"body { font: 16px/1.5 sans-serif }\n"}


def _table(chance: Random, key: str) -> bytes:
    """Invented people and amounts: some kilobytes, never the same twice."""
    rows = [f"# {key}", "employee,iban,amount_eur"]
    for _ in range(chance.randrange(40, 160)):
        iban = f"XX{chance.randrange(10, 99)} {chance.randrange(10**12, 10**13)}"
        rows.append(
            f"{chance.choice(NAMES)},{iban},{chance.randrange(2800, 14200)}.{chance.randrange(100):02}"
        )
    return "\n".join(rows).encode()
