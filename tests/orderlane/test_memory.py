"""What a process keeps is moved into large pages where the kernel can do that, and is what it was."""

import os
import re
from pathlib import Path

import pytest

from orderlane import memory

NUMBERS = 300_000


def in_large_pages() -> int:
    """Bytes of this process that lie in transparent huge pages."""
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) * 1024 for row in rows if row.startswith("AnonHugePages:"))


def kernel_can() -> bool:
    """Whether this kernel moves memory into large pages on request, by what it says of itself."""
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    return release >= (6, 1) and Path("/sys/kernel/mm/transparent_hugepage").exists()


def test_what_stays_is_moved_into_large_pages_where_the_kernel_can_and_is_what_it_was() -> None:
    kept, rests = [str(number) for number in range(NUMBERS)], list[float]()
    moved = memory.settle_in_large_pages(rests.append)
    assert (moved > 0) == kernel_can()
    assert in_large_pages() >= moved * memory.LARGE_PAGE
    assert all(rest > 0 for rest in rests)
    assert kept == [str(number) for number in range(NUMBERS)]
    again = list[float]()
    assert memory.settle_in_large_pages(again.append) >= moved
    assert len(again) <= len(rests)


def test_where_nothing_tells_what_a_process_keeps_nothing_is_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_AREAS", tmp_path / "maps")
    assert memory.settle_in_large_pages() == 0
