"""How many examples a property is tried with: all of them by default and in `make test`, a tenth in `make check`. Nothing limits
the time of one: a busy machine is no bug."""

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("default"), max_examples=settings.get_profile("default").max_examples // 10)
FEWEST = 5


def examples(count: int) -> settings:
    """Hypothesis settings for `count` examples, or a tenth of them under the profile `quick`."""
    share = settings().max_examples / settings.get_profile("default").max_examples
    return settings(max_examples=max(FEWEST, round(count * share)))
