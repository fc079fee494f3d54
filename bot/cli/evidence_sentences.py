"""What `s3incident evidence` says."""

NOTHING = "Nothing is kept for this incident yet."
LIST = "{name}: {count} files."
ROW = "  {sha256}  {size:>12,}  {kind:<13}  {name}"

READING = "reading {name}"
WHOLE = (
    "The evidence of {name} is whole: {count} files hashed again in {stores}. Manifest, database and ledger "
    "agree."
)
BROKEN = "The evidence of {name} is NOT whole: {count} things are broken."
FIRST_BROKEN = "  First: {what} in {where}: {why}."
ALSO_BROKEN = "  Also:  {what} in {where}: {why}."
NOTE = "  Note: {text}"
WHAT_NOW = (
    "Keep a copy of the vault and of the database before anything else. What is named here proves nothing "
    "any more; everything else of the incident still does."
)

EXPORTED = (
    "{folder}: {count} files, secrets taken out. Check them there with `sha256sum -c SHA256SUMS`. The "
    "originals' hashes are in manifest.jsonl."
)
EXPORTED_AS_RECEIVED = (
    "{folder}: {count} files as they were received, with live session tokens and signatures in them. Give "
    "them only to who must have them. Check them there with `sha256sum -c SHA256SUMS`."
)
NOT_EXPORTED = "Left out: {name}: {why}."
CANNOT_WRITE = "The evidence could not be written to {folder}: {error}."
NOT_EMPTY = "{folder} is not empty; an export begins with an empty folder, so that nothing else gets in"
