"""Identifiers of our own: UUIDs of version 7 that sort in the order they were made."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

from canonical.ids import new_id, new_ids

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_an_id_is_a_uuid_of_version_7() -> None:
    assert UUID7.fullmatch(new_id())


def test_ids_sort_in_the_order_they_were_made_also_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)


def test_ids_made_together_are_like_those_made_one_by_one_and_lie_between_them() -> None:
    before, ids, after = new_id(), new_ids(10_000), new_id()
    assert [before, *ids, after] == sorted({before, *ids, after})
    assert all(map(UUID7.fullmatch, ids))
    assert new_ids(0) == []


def test_each_call_ends_its_ids_by_chance_and_all_of_it_alike() -> None:
    calls = [new_ids(3) for _ in range(1_000)]
    assert [len({one[19:] for one in ids}) for ids in calls] == [1] * 1_000
    assert len({ids[0][19:] for ids in calls}) == 1_000
    assert {ids[0][19] for ids in calls} == set("89ab")


def test_a_process_that_was_forked_off_makes_other_ids() -> None:
    ends = []
    for _ in range(2):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, new_id().encode())
            os._exit(0)
        os.waitpid(child, 0)
        ends.append(os.read(reading, 36)[19:])
        os.close(reading), os.close(writing)
    assert len({*ends, new_id()[19:].encode()}) == 3


def test_ids_of_several_threads_are_all_different_and_ordered_within_each() -> None:
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(5_000)], range(4)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({one for batch in batches for one in batch}) == 20_000
