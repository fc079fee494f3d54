"""All readers agree on a small cut of the corpus; how fast they are is `make bench`."""

import shutil
from pathlib import Path

import pytest

from tests.bench.corpus import Corpus, corpus
from tests.bench.readers import READERS, measure
from tests.conftest import missing


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return corpus(3_000_000, tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize("name", ["one bucket", "first pass", "gzip | jq", "DuckDB"])
def test_readers_agree(small: Corpus, name: str) -> None:
    if "jq" in name and shutil.which("jq") is None:
        missing("no jq: apt-get install jq")
    plain = measure("plain Python", small.folder)["answer"]
    assert measure(name, small.folder)["answer"] == plain
    assert len(plain) > 20


def test_the_limit_and_the_investigation_read_every_file(small: Corpus) -> None:
    measure("unpack only: the limit", small.folder)
    measure("whole investigation", small.folder)


def test_the_same_corpus_is_written_twice(small: Corpus, tmp_path: Path) -> None:
    again = corpus(3_000_000, tmp_path)
    assert (again.records, again.size, again.packed) == (small.records, small.size, small.packed)
    assert READERS
