"""How many examples a property is tried with: all of them by default and in `make test`, a tenth in `make check`."""

from hypothesis import settings

settings.register_profile("quick", max_examples=settings.get_profile("default").max_examples // 10)
FEWEST = 5


def examples(count: int) -> settings:
    """Hypothesis settings for `count` examples, or a tenth of them under the profile `quick`; no time limit for one."""
    share = settings().max_examples / settings.get_profile("default").max_examples
    return settings(max_examples=max(FEWEST, round(count * share)), deadline=None)
