"""SIMD substring search, under types: stringzilla comes without.

`find(text, part, start, end)` and `rfind` give an offset in the text or -1, `count` a number; 25 GB/s on one
core where the text is in the cache, and four times what `bytes.find` reaches.
"""

from collections.abc import Callable, Iterator
from typing import Any

import stringzilla  # type: ignore[import-not-found]

find: Callable[..., int] = stringzilla.find
rfind: Callable[..., int] = stringzilla.rfind
count: Callable[..., int] = stringzilla.count

#: `pieces(text, part)`: what stands before, between and after the parts, each made when it is asked for.
pieces: Callable[..., Iterator[Any]] = stringzilla.split_iter
