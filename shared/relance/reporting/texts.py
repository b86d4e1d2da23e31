"""Numbers and small charts for a terminal: thousands marked, amounts with their currency."""

from collections.abc import Iterable

from relance.domain.money import Totals, minor_digits

_BLOCKS = " ▏▎▍▌▋▊▉█"
_SPARKS = " ▁▂▃▄▅▆▇█"


def said_totals(sums: Totals) -> str:
    """1,234.50 EUR + 20 JPY; nothing where there is nothing."""
    return " + ".join(
        f"{amount:,.{minor_digits(currency)}f} {currency}"
        for currency, amount in sorted(sums.items())
    )


def said_share(share: float | None) -> str:
    """62 %, or a dash where there is nothing to take a share of."""
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def said_count(count: int) -> str:
    """1,234; a dot where a table has nothing, so that the eye passes over it."""
    return f"{count:,}" if count else "·"


def bar(value: int, most: int, width: int) -> str:
    """A horizontal bar of `width` cells for `most`, to an eighth of a cell."""
    eighths = round(value * width * 8 / most) if most else 0
    full, rest = divmod(max(eighths, 1 if value else 0), 8)
    return "█" * full + (_BLOCKS[rest] if rest else "")


def sparks(values: Iterable[int]) -> str:
    """One little column a value, none for nought."""
    known = list(values)
    most = max(known, default=0)
    return "".join(_SPARKS[-(-value * 8 // most)] if value else " " for value in known)
