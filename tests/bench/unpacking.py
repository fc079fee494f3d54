"""What no reader can be faster than: unpacks its share of the files and does nothing with them.

`python -m tests.bench.unpacking FOLDER SHARE SHARES`; prints the bytes unpacked.
"""

import os
import sys
from pathlib import Path

import deflate


def unpack(folder: Path, share: int, shares: int) -> int:
    """Every file whose place in the order of paths has that remainder."""
    return sum(len(deflate.gzip_decompress(path.read_bytes())) for path in files(folder)[share::shares])


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json.gz"))


if __name__ == "__main__":
    os.nice(10)  # as the bot's own readers
    sys.stdout.write(str(unpack(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
