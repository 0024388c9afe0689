"""The garbage collector's habits in a process of the hub."""

import gc


def spare_the_collector() -> None:
    """What is loaded stays: it need not look at it again, and seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
