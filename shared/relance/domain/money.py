"""Exact amounts with a currency; totals are per currency and never added across (rules §2)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

# ISO 4217 currencies whose minor unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}

Totals: TypeAlias = dict[str, Decimal]


def minor_digits(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217)."""
    return _DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units; ValueError when it has more decimals than the currency."""
    scaled = amount.scaleb(minor_digits(currency))
    minor = int(scaled)
    if minor != scaled:
        raise ValueError(f"{amount} has more decimals than {currency} allows")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """The decimal amount of so many minor units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def totals(amounts: Iterable[tuple[str, Decimal]]) -> Totals:
    """Sums of (currency, amount) pairs, one per currency."""
    sums: Totals = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums
