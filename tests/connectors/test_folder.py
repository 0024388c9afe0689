"""A folder as a source: files are fetched when they are whole, oldest first, and cleared away once they are archived."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from canonical.failures import Misconfigured, Refused, Transient
from connectors import file_fetching, folder
from connectors.base import Accepted, Endpoint, Polled, Polling

Kept = list[tuple[str, bytes]]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def endpoint_of(inbox: Path, **options: object) -> Endpoint:
    return Endpoint(
        "files", "acme", "x12", polling=Polling(60.0, "folder", (), {"path": str(inbox), "quiet_seconds": 0, **options})
    )


def drop(inbox: Path, name: str, body: bytes, *, at: int) -> None:
    (inbox / name).write_bytes(body)
    os.utime(inbox / name, (at, at))


def poll(
    endpoint: Endpoint,
    watermark: str | None = None,
    *,
    status: Callable[[bytes], str] = lambda body: "accepted",
    crash: bool = False,
) -> tuple[Kept, str | None]:
    """What a poll brings, by name, and the watermark; settled as the hub does, unless it crashes before."""
    kept: Kept = []
    for page in folder.poll(endpoint, watermark):
        kept += [(raw.headers["x-file-name"], raw.body) for raw in page.raws]
        watermark = page.watermark or watermark
        assert page.settle is not None
        if not crash:
            page.settle([Accepted("1", status(raw.body)) for raw in page.raws])  # type: ignore[arg-type]
    return kept, watermark


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_files_are_fetched_oldest_first_and_moved_away(inbox: Path) -> None:
    drop(inbox, "b.edi", b"first", at=100)
    drop(inbox, "a.edi", b"second", at=200)
    drop(inbox, "notes.txt", b"not ours", at=50)
    assert poll(endpoint_of(inbox, pattern="*.edi")) == ([("b.edi", b"first"), ("a.edi", b"second")], None)
    assert names(inbox) == ["done/a.edi", "done/b.edi", "notes.txt"]
    assert poll(endpoint_of(inbox, pattern="*.edi"))[0] == []


@pytest.mark.parametrize("status", ["rejected", "malformed", "conflict", "quarantined"])
def test_what_the_hub_could_not_use_goes_to_failed(inbox: Path, status: str) -> None:
    drop(inbox, "good.edi", b"good", at=1)
    drop(inbox, "bad.edi", b"bad", at=2)
    poll(endpoint_of(inbox), status=lambda body: status if body == b"bad" else "untranslated")
    assert names(inbox) == ["done/good.edi", "failed/bad.edi"]


def test_a_crash_before_the_move_brings_the_file_again(inbox: Path) -> None:
    drop(inbox, "a.edi", b"order", at=1)
    assert poll(endpoint_of(inbox), crash=True) == poll(endpoint_of(inbox)) == ([("a.edi", b"order")], None)


def test_a_file_that_is_still_written_is_left_alone(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, "half.edi", b"UNB+", at=1)
    drop(inbox, "whole.edi", b"UNB+UNZ", at=2)

    def written_meanwhile(seconds: float) -> None:
        assert seconds == 3.0
        drop(inbox, "half.edi", b"UNB+UNZ", at=3)

    monkeypatch.setattr(file_fetching.time, "sleep", written_meanwhile)
    assert poll(endpoint_of(inbox, quiet_seconds=3)) == ([("whole.edi", b"UNB+UNZ")], None)
    monkeypatch.setattr(file_fetching.time, "sleep", lambda seconds: None)
    assert poll(endpoint_of(inbox, quiet_seconds=3)) == ([("half.edi", b"UNB+UNZ")], None)


def test_empty_hidden_and_linked_files_and_folders_are_left_alone(inbox: Path) -> None:
    drop(inbox, "empty.edi", b"", at=1)
    drop(inbox, ".hidden.edi", b"x", at=1)
    (inbox / "folder.edi").mkdir()
    drop(inbox.parent, "elsewhere.edi", b"secret", at=1)
    (inbox / "link.edi").symlink_to(inbox.parent / "elsewhere.edi")
    assert poll(endpoint_of(inbox))[0] == []


def test_a_file_replaced_after_it_was_read_stays_for_the_next_poll(inbox: Path) -> None:
    drop(inbox, "a.edi", b"order 1", at=1)
    (page,) = folder.poll(endpoint_of(inbox), None)
    drop(inbox, "a.edi", b"order 2", at=2)
    assert page.settle is not None
    page.settle([Accepted("1", "accepted")])
    assert poll(endpoint_of(inbox))[0] == [("a.edi", b"order 2")]


def test_nothing_in_done_is_overwritten(inbox: Path) -> None:
    for number in range(1, 4):
        drop(inbox, "orders.edi", b"%d" % number, at=number)
        poll(endpoint_of(inbox))
    assert {name: (inbox / name).read_bytes() for name in names(inbox)} == {
        "done/orders.edi": b"1", "done/orders.2.edi": b"2", "done/orders.3.edi": b"3",
    }  # fmt: skip


def test_files_may_be_deleted_instead(inbox: Path) -> None:
    drop(inbox, "good.edi", b"good", at=1)
    drop(inbox, "bad.edi", b"bad", at=2)
    poll(endpoint_of(inbox, after="delete"), status=lambda body: "malformed" if body == b"bad" else "accepted")
    assert names(inbox) == ["failed/bad.edi"]


def test_files_that_must_stay_are_fetched_once_and_again_only_when_they_change(inbox: Path) -> None:
    endpoint = endpoint_of(inbox, after="leave")
    drop(inbox, "a.edi", b"order 1", at=1)
    kept, watermark = poll(endpoint)
    assert (kept, names(inbox)) == ([("a.edi", b"order 1")], ["a.edi"])
    assert poll(endpoint, watermark)[0] == []
    drop(inbox, "a.edi", b"order 2", at=2)
    kept, watermark = poll(endpoint, watermark)
    assert kept == [("a.edi", b"order 2")]
    (inbox / "a.edi").unlink()
    drop(inbox, "b.edi", b"order 3", at=3)
    assert poll(endpoint, watermark)[1] == '{"b.edi": "7 3.0"}'


def test_many_files_come_in_pages(inbox: Path) -> None:
    for number in range(file_fetching.PAGE_FILES + 1):
        drop(inbox, f"{number:03}.edi", b"x", at=number)
    pages: list[Polled] = list(folder.poll(endpoint_of(inbox), None))
    assert [len(page.raws) for page in pages] == [file_fetching.PAGE_FILES, 1]


def test_a_file_that_is_too_large_is_told_after_the_others_are_fetched(inbox: Path) -> None:
    drop(inbox, "large.edi", b"12345", at=1)
    drop(inbox, "small.edi", b"1", at=2)
    with pytest.raises(Refused, match=r"at most 4 bytes, not large\.edi"):
        poll(endpoint_of(inbox, most_bytes=4))
    assert names(inbox) == ["done/small.edi", "large.edi"]


def test_a_name_that_is_no_utf_8_harms_nothing(inbox: Path) -> None:
    (inbox / os.fsdecode(b"gr\xfc\xdfe.edi")).write_bytes(b"x")
    assert poll(endpoint_of(inbox))[0] == [("gr\ufffd\ufffde.edi", b"x")]
    assert [name.encode("utf-8", "surrogateescape") for name in names(inbox)] == [b"done/gr\xfc\xdfe.edi"]


def test_the_document_may_be_named(inbox: Path) -> None:
    drop(inbox, "a.csv", b"x", at=1)
    (page,) = folder.poll(endpoint_of(inbox, document="orders"), None)
    assert page.raws[0].headers == {"x-file-name": "a.csv", "orderlane-document": "orders"}


def test_a_folder_that_is_not_there_is_told(inbox: Path) -> None:
    with pytest.raises(Transient, match="gone: No such file"):
        poll(endpoint_of(inbox / "gone"))


def test_wrong_settings_are_told(inbox: Path) -> None:
    with pytest.raises(Misconfigured, match=r"endpoint files: after: .*; colour: "):
        poll(endpoint_of(inbox, after="burn", colour="red"))
