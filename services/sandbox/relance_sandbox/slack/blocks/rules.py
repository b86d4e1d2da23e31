"""Small rules over JSON: each yields what is wrong, with Slack's pointer to the place."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]


def fault(what: str, where: str) -> str:
    return f"[ERROR] {what} [json-pointer:{where}]"


def string(most: int, least: int = 1) -> Rule:
    """A string of `least` to `most` characters."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must be a string", where)
        elif len(value) > most:
            yield fault(f"must be less than {most + 1} characters", where)
        elif len(value) < least:
            yield fault(f"must be more than {least - 1} characters", where)

    return check


def boolean(value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield fault("must be a boolean", where)


def number(low: int, high: int) -> Rule:
    """A whole number from `low` to `high`."""

    def check(value: Any, where: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield fault("must be an integer", where)
        elif not low <= value <= high:
            yield fault(f"must be between {low} and {high}", where)

    return check


def one_of(*allowed: str) -> Rule:
    def check(value: Any, where: str) -> Iterator[str]:
        if value not in allowed:
            yield fault(f"must be one of {', '.join(allowed)}", where)

    return check


def matching(test: Callable[[str], object], what: str) -> Rule:
    """A string that `test` can read; `what` says what it should have been."""

    def check(value: Any, where: str) -> Iterator[str]:
        try:
            good = isinstance(value, str) and bool(test(value))
        except ValueError:
            good = False
        if not good:
            yield fault(f"must be {what}", where)

    return check


def listed(rule: Rule, least: int, most: int) -> Rule:
    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield fault("must be an array", where)
            return
        if len(value) > most:
            yield fault(f"no more than {most} items allowed", where)
        if len(value) < least:
            yield fault(f"no fewer than {least} items required", where)
        for at, item in enumerate(value):
            yield from rule(item, f"{where}/{at}")

    return check


def shape(needed: Mapping[str, Rule], optional: Mapping[str, Rule]) -> Rule:
    """An object with these fields and no other."""
    known = {**needed, **optional}

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must be an object", where)
            return
        for name in needed.keys() - value.keys():
            yield fault(f"missing required field: {name}", where)
        for name, held in value.items():
            if name in known:
                yield from known[name](held, f"{where}/{name}")
            else:
                yield fault(f"unknown field: {name}", where)

    return check


def by_type(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` chooses its rule."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must be an object", where)
        elif value.get("type") not in kinds:
            yield fault(f"unsupported type: {value.get('type')}", where)
        else:
            yield from kinds[value["type"]](value, where)

    return check


def also(first: Rule, *more: Rule) -> Rule:
    """`first`, and where it holds, the others too."""

    def check(value: Any, where: str) -> Iterator[str]:
        found = list(first(value, where))
        yield from found
        if not found:
            for rule in more:
                yield from rule(value, where)

    return check
