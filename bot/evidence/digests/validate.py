"""From a folder or prefix to what is proven about its log files: nothing removed or changed, or what was.

A log file counts as validated when a digest signed by CloudTrail lists its hash. A time counts as proven when
signed digests follow each other through it without a gap and every file that they list is there, unchanged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.evidence.digests import sentences as say
from bot.evidence.digests.chain import Chain, Link
from bot.evidence.digests.digest_file import HOUR, ChainName, LogFile, named
from bot.evidence.digests.objects import Names, Objects
from bot.evidence.digests.report import DigestReport, Problem, Span, Window
from bot.evidence.digests.rsa import PublicKey
from bot.evidence.digests.unpacked import sha256
from bot.evidence.scan.files import delivered
from bot.evidence.sources.base import LATE, Progress, ignore

#: Log files read at once: hashing and unpacking leave the interpreter free, and S3 answers slowly.
_THREADS = 8


@dataclass(frozen=True)
class _Listed:
    """A log file as a digest lists it: the file here, and what became of it (None: it is as delivered)."""

    link: Link
    name: str | None
    problem: Problem | None


def validate(
    objects: Objects, window: Window | None, keys: Mapping[str, PublicKey], progress: Progress = ignore
) -> DigestReport:
    """Checks the digests of a window (UTC; None: all there are), and every log file that they list.

    `keys` are CloudTrail's public keys by fingerprint; without them links and hashes are checked, and nothing
    is proven. Raises OSError when the place cannot be listed.
    """
    names = list(objects.names())
    known = Names(names)
    chains = {
        chain: Chain(chain, found, objects, known, keys).links()
        for chain, found in sorted(_chains(names, window).items())
    }
    listed = list(_check_logs(chains, objects, known, progress))
    bad = {id(one.link) for one in listed if one.problem}
    spans = tuple(span for chain, links in chains.items() for span in _spans(chain, links, bad))
    links = [link for found in chains.values() for link in found]
    return DigestReport(
        where=objects.where,
        digests=len(links),
        proven=sum(link.proven for link in links),
        validated=sum(one.problem is None and one.link.proven for one in listed),
        matching=sum(one.problem is None and not one.link.proven for one in listed),
        spans=spans,
        problems=(
            *(problem for link in links for problem in link.problems),
            *(one.problem for one in listed if one.problem),
        ),
        unlisted=tuple(_unlisted(names, spans, listed)),
    )


def regions(objects: Objects) -> set[str]:
    """The Regions whose public keys the digests are signed with: a key belongs to one Region."""
    found = filter(None, map(named, objects.names()))
    return {region for one in found for region in (one.chain.region, one.chain.home)}


def _chains(names: Iterable[str], window: Window | None) -> dict[ChainName, list[str]]:
    """The digests that tell of the window, by chain, oldest first."""
    found: defaultdict[ChainName, list[tuple[datetime, str]]] = defaultdict(list)
    for name in names:
        one = named(name)
        if one and _tells_of(one.end, window):
            found[one.chain].append((one.end, name))
    return {chain: [name for _, name in sorted(digests)] for chain, digests in found.items()}


def _tells_of(end: datetime, window: Window | None) -> bool:
    # The hour after the window too: it lists files delivered late, and has the last signature.
    return window is None or window[0] <= end <= window[1] + LATE + 2 * HOUR


def _check_logs(
    chains: Mapping[ChainName, Sequence[Link]], objects: Objects, known: Names, progress: Progress
) -> Iterator[_Listed]:
    wanted = [
        (chain, link, file)
        for chain, links in chains.items()
        for link in links
        for file in (link.digest.log_files if link.digest else ())
    ]

    def check(one: tuple[ChainName, Link, LogFile]) -> _Listed:
        chain, link, file = one
        name = known.find(file.s3_object)
        return _Listed(link, name, _problem_of(file, name, chain, objects))

    with ThreadPoolExecutor(_THREADS) as pool:
        for number, checked in enumerate(pool.map(check, wanted), start=1):
            progress(f"{number} of {len(wanted)} log files checked against CloudTrail's digests")
            yield checked


def _problem_of(file: LogFile, name: str | None, chain: ChainName, objects: Objects) -> Problem | None:
    if name is None:
        return Problem("log missing", file.s3_object, chain, say.GONE)
    try:
        found = sha256(objects.fetch(name))
    except (OSError, ValueError) as error:
        return Problem("log unreadable", name, chain, say.UNREADABLE.format(error=error))
    if found != file.hash_value:
        return Problem("log changed", name, chain, say.LOG_CHANGED)
    return None


def _spans(chain: ChainName, links: Sequence[Link], bad: set[int]) -> Iterator[Span]:
    """The longest times of links that follow each other, all proven, none with a bad log file."""
    if chain.backfill:
        return
    run: list[Link] = []
    for older, link in pairwise([None, *links]):
        assert link is not None
        good = link.proven and id(link) not in bad
        if run and not (good and link.follows and older is run[-1]):
            yield _span(chain, run)
            run = []
        run += [link] if good else []
    if run:
        yield _span(chain, run)


def _span(chain: ChainName, run: Sequence[Link]) -> Span:
    first, last = run[0].digest, run[-1].digest
    assert first is not None
    assert last is not None
    return Span(chain, first.start, last.end)


def _unlisted(names: Iterable[str], spans: Sequence[Span], listed: Iterable[_Listed]) -> Iterator[str]:
    """Log files from a proven time that no digest lists; near its ends another digest may list them."""
    known = {one.name for one in listed}
    for name in sorted(set(names) - known):
        last = name.rsplit("/", 1)[-1]
        moment = delivered(last)
        if moment and any(_within(moment, last, span) for span in spans):
            yield name


def _within(moment: datetime, name: str, span: Span) -> bool:
    slack = LATE + timedelta(minutes=1)
    mine = name.startswith(f"{span.chain.account}_CloudTrail_{span.chain.region}_")
    return mine and span.start + slack <= moment <= span.end - slack
