"""A search as SQL: what is wanted of one day of a trail, and a census of that day, in one scan.

The WHERE clause may let more through than is wanted, never less: what is wanted is decided by `Wanted.holds`
on the record that is made of the row. Each row of the table is looked at twice while it is in memory
(`kind.n`): once for the census, which counts everything, and once for the search. Athena charges for one
scan.

Equal rows are one row with a number of copies. Of records with one eventID but different content, and of
those without any, none is lost; which of them counts is decided where all sources come together.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.evidence import names
from bot.evidence.athena.columns import COLUMNS
from bot.evidence.athena.parameters import Parameters, plain_run
from bot.evidence.athena.table import Table
from bot.evidence.identity import ANONYMOUS_ACCOUNTS
from bot.evidence.wanted import Wanted

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d", re.ASCII)

#: Before the record's columns: kind (0 the census, 1 a record), the census' Region, whether it counts
#: management events, whether it counts records that lack what makes a record one, earliest and latest time,
#: and how many.
CENSUS_COLUMNS = 7

_BAD = " OR ".join(f"coalesce({name}, '') = ''" for name in ("eventtime", "eventsource", "eventname"))


@dataclass(frozen=True)
class Query:
    """A SELECT with its execution parameters."""

    sql: str
    parameters: tuple[str, ...]

    def token(self, salt: str) -> str:
        """A ClientRequestToken: with the same one Athena begins no second query, even for another process."""
        told = "\n".join((salt, self.sql, *self.parameters))
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True)
class Place:
    """Which files to read: those of one account in some Regions. Raises ValueError for what is neither."""

    table: Table
    account: str
    regions: tuple[str, ...]

    def __post_init__(self) -> None:
        # Partition values stand in the text of the query: Athena needs to know them before it begins.
        wrong = [one for one in self.regions if not _REGION.fullmatch(one)]
        if wrong or not self.regions or not _ACCOUNT.fullmatch(self.account):
            raise ValueError(f"{self.account!r} {wrong or self.regions!r} is no account and its Regions")


def query_for(wanted: Wanted, place: Place, day: date) -> Query:
    """What finds the wanted records in the files that CloudTrail delivered on a day."""
    parameters = Parameters()
    conditions = " OR ".join(_conditions(wanted, parameters)) or "FALSE"
    regions = ", ".join(f"'{region}'" for region in place.regions)
    census = [
        "kind.n",
        "CASE WHEN kind.n = 0 THEN awsregion END",
        f"CASE WHEN kind.n = 0 THEN {_is_management()} END",
        f"CASE WHEN kind.n = 0 THEN {_BAD} END",
        "min(CASE WHEN kind.n = 0 THEN eventtime END)",
        "max(CASE WHEN kind.n = 0 THEN eventtime END)",
        "count(*)",
    ]
    record = [f"CASE WHEN kind.n = 1 THEN {column.text} END" for column in COLUMNS]
    grouped = [1, 2, 3, 4, *range(CENSUS_COLUMNS + 1, CENSUS_COLUMNS + len(record) + 1)]
    sql = (
        f"SELECT {', '.join(census + record)} FROM {place.table.reference} "  # noqa: S608 - no value is in it
        "CROSS JOIN UNNEST(ARRAY[0, 1]) AS kind (n) "
        f"WHERE account = '{place.account}' AND region IN ({regions}) AND day = '{day:%Y/%m/%d}' "
        f"AND (kind.n = 0 OR {conditions}) "
        f"GROUP BY {', '.join(map(str, grouped))}"
    )
    return Query(sql, tuple(parameters.values))


def _is_management() -> str:
    """As the reader of files judges it: records before eventVersion 1.08 do not say what they are."""
    data = ", ".join(f"'{name}'" for name in sorted(names.DATA))
    is_data = f"eventsource IN ('s3.amazonaws.com', 's3') AND eventname IN ({data})"
    return (
        "coalesce(eventcategory, '') = 'Management' "
        f"OR (coalesce(eventcategory, '') = '' AND NOT coalesce({is_data}, FALSE))"
    )


def _conditions(wanted: Wanted, parameters: Parameters) -> Iterator[str]:
    if wanted.bucket is not None:
        yield from _about(wanted.bucket, parameters)
    yield from parameters.is_one_of(
        "regexp_replace(eventname, '[0-9]{8}(v[0-9]+)?$', '')", wanted.names - {""}
    )
    yield from parameters.is_one_of("useridentity.accesskeyid", wanted.keys)
    for member in ("credentials", "accessKey"):
        issued = f"json_extract_scalar(responseelements, '$.{member}.accessKeyId')"
        yield from parameters.is_one_of(issued, wanted.keys)
    yield from parameters.is_one_of("sourceipaddress", wanted.addresses)
    yield from _by(wanted.principals, parameters)
    yield from parameters.is_one_of("useridentity.type", wanted.kinds)
    if wanted.kinds & {"AWSService", "Unknown"}:
        yield "coalesce(useridentity.type, '') = ''"
    for agent in sorted(wanted.agents):
        yield f"strpos(lower(useragent), {parameters.beginning(agent)}) > 0"


def _about(bucket: str, parameters: Parameters) -> Iterator[str]:
    """The bucket's name wherever `touches` looks for it: it may stand within other names, or be escaped."""
    needle = plain_run(bucket)
    if not needle:
        yield "requestparameters IS NOT NULL OR resources IS NOT NULL"
        return
    yield f"strpos(requestparameters, {parameters.beginning(needle)}) > 0"
    yield f"strpos(json_format(CAST(resources AS JSON)), {parameters.beginning(needle)}) > 0"


def _by(principals: Sequence[str] | frozenset[str], parameters: Parameters) -> Iterator[str]:
    """Principals are ARNs; what is called otherwise has none, or is nobody's (see `identify`)."""
    yield from parameters.is_one_of("useridentity.arn", principals)
    yield from parameters.is_one_of("useridentity.sessioncontext.sessionissuer.arn", principals)
    if any(not one.startswith("arn:") for one in principals):
        nobody = ", ".join(f"'{one}'" for one in sorted(ANONYMOUS_ACCOUNTS))
        yield f"coalesce(useridentity.arn, '') = '' OR useridentity.accountid IN ({nobody})"
