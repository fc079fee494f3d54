"""What the command line says to people, apart from the reports of single commands."""

RUNNING = "s3incident is running. Type `/s3incident help` in Slack; press Ctrl+C here to stop."

LEDGER_WHOLE = "The ledger is whole: {count} entries, head {head}. Compare the head with the newest digest."
LEDGER_BROKEN = (
    "The ledger is broken at entry {seq}: it was changed, or one before it was removed. "
    "Entries before {seq} can be trusted, later ones cannot. Keep a copy of the database before you do "
    "anything else."
)
LEDGER_EMPTY = "The ledger is empty: nothing has happened yet."

DATABASE_READY = "The database is at the newest schema ({revision})."

SANDBOX_MISSING = (
    "The sandbox's parts are not installed. Install them with: pip install 's3incident[sandbox]' "
    "(in a checkout, `make demo` does it for you)."
)
DEMO_PREPARING = "Building a small AWS account and playing an attack in it ..."
DEMO_READY = """
  The sandbox is ready:  {url}

  Somebody stole a key and is in the bucket acme-payroll. You are Dana, on call.
    1. Open the page and go to #security. Type:  /s3incident open acme-payroll sev1 a key leaked
    2. Go to the new channel. The evidence arrives by itself; then the changes that would stop it.
    3. Switch to Sam (top left) and approve them: Dana asked, so Dana may not.
    4. Watch "The world outside" on the right: the attacker is cut off, the others go on.
    5. Undo one. Close the incident. Try /s3incident audit.

  Nothing leaves this machine. Press Ctrl+C to end; all of it is forgotten.
"""
PORT_TAKEN = "Port {port} is in use. Choose another: s3incident demo --port 8800"


def demo_all(passed: int, played: int) -> str:
    return f"\n{passed} of {played} scenarios ended contained and recovered, with nobody else harmed."
