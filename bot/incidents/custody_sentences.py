"""What is said about evidence that is, or is no longer, what was put into the vault."""

DATABASE = "the database"
MANIFEST = "the manifest"
LINE = "manifest line {line}"
LEDGER_ENTRY = "ledger entry {seq}"
FILE = "file {sha256}…"

LEDGER_CHANGED = "it was changed, or one before it was removed; entries from there on prove nothing"
UNREADABLE = "it cannot be read: {error}"
GONE = "ledger entry {seq} tells of it, and the database has it no more"
REWRITTEN = "it is gone or is not the line that ledger entry {seq} vouches for: the manifest was written anew"
NO_LINE = "the manifest does not tell of it, or of another hash, size or place"

MENDED = (
    "Manifest line {line} in {where} was cut short by a kill; the line after it says so. Nothing relied on "
    "it."
)
TORN = (
    "The last line of the manifest, {line} in {where}, is cut short, as a kill leaves it. The next run ends "
    "it and says so."
)
UNCLAIMED = (
    "{name} (manifest line {line} in {where}) was kept, but no investigation that ended refers to it: a run "
    "that was killed leaves such files."
)
BEFORE_COPY = "{name} was kept before there was a copy in {where}, and is not in it."
