"""How much is tried: a test run's worth, or what `make soak` has the time for."""

from hypothesis import settings


def so_many(at_each_run: int, in_soak: int) -> int:
    return (
        in_soak
        if settings().max_examples >= settings.get_profile("thorough").max_examples
        else at_each_run
    )
