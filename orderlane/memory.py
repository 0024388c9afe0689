"""How a process of the hub treats its memory: the garbage collector is spared, and what stays lies in large pages."""

import ctypes
import gc
import mmap
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LARGE_PAGE = 2 << 20
"""Bytes of what Linux on x86-64 and, with pages of 4 KB, on arm64 calls a transparent huge page."""

LOOK_EVERY_S = 10.0
MOVED_S, RESTS = 0.0002, 20
"""A page that took longer than this was filled just now: rest so many times as long."""

_MADV_COLLAPSE = 25
_AREAS = Path("/proc/self/maps")


def spare_the_collector() -> None:
    """What is loaded stays: it need not look at it again, and seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def settle_in_large_pages(rest: Callable[[float], object] = time.sleep) -> int:
    """Have the kernel move what this process keeps into pages of 2 MB, where at least half of one is used; how many there are now.

    A processor remembers where two thousand pages lie, and forgets it when another process has its turn. To fill a large page takes
    up to 5 ms, in which whoever needs that memory waits: `rest(seconds)` is called in between. What comes later is found when this
    is asked again; what lies in large pages already stays there. Needs Linux 6.1 (`MADV_COLLAPSE` in madvise(2)); elsewhere 0 is
    returned.
    """
    if sys.platform != "linux" or not _AREAS.exists():
        return 0
    libc, large = ctypes.CDLL(None), 0
    for at in _mostly_used(libc):
        begins = time.perf_counter()
        large += libc.madvise(ctypes.c_void_p(at), ctypes.c_size_t(LARGE_PAGE), _MADV_COLLAPSE) == 0
        if (took := time.perf_counter() - begins) > MOVED_S:
            rest(took * RESTS)
    return large


def _mostly_used(libc: ctypes.CDLL) -> Iterator[int]:
    """Addresses of pieces of the heap as large as a large page, aligned, at least half of whose small pages are in memory."""
    small = mmap.PAGESIZE
    resident = (ctypes.c_ubyte * (LARGE_PAGE // small))()
    for area in _AREAS.read_text().splitlines():
        span, rights, _offset, _device, inode, *name = area.split()
        if rights != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        begin, end = (int(address, 16) for address in span.split("-"))
        for at in range(-(-begin // LARGE_PAGE) * LARGE_PAGE, end - LARGE_PAGE + 1, LARGE_PAGE):
            if libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(LARGE_PAGE), resident) == 0 and sum(resident) * 2 >= len(resident):
                yield at
