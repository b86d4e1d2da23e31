"""The pictures of a report as numbers: where each rectangle of a chart stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relance.backtest.figures import Busiest, Figures

WIDTH, HEIGHT = 960, 240
LEFT, FOOT, HEAD = 44, 26, 12
CELL, GAP, NAMES, SUMS = 16, 3, 150, 60
SHADES = 5
_GRID = 4
_ROOM = 34  # that the name of a month needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle, with what it shows; `tone` is the step's place or the shade."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A word at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of so many units by so many."""

    width: float
    height: float
    blocks: tuple[Block, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    after: tuple[Mark, ...] = ()


def timeline_chart(
    found: Figures, months: Sequence[str], most: int, tones: Mapping[str, int]
) -> Chart:
    """Columns by month, a layer for each step; the same scale for every plan."""
    top = _round_up(most)
    wide = (WIDTH - LEFT) / max(len(months), 1)
    tall = HEIGHT - FOOT - HEAD
    blocks = []
    for place, month in enumerate(months):
        base = float(HEIGHT - FOOT)
        for key, name in found.steps.items():
            count = found.by_step.get(key, {}).get(month, 0)
            if count:
                height = count / top * tall
                base -= height
                x = LEFT + place * wide + wide * 0.12
                says = f"{said_month(month)}: {count:,} × {name}"
                width, tone = wide * 0.76, tones[key]
                blocks.append(Block(x=x, y=base, width=width, height=height, tone=tone, says=says))
    lines = range(0, top + 1, max(top // _GRID, 1))
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        blocks=tuple(blocks),
        across=_month_marks(months, LEFT, wide, HEIGHT - 8),
        up=tuple(Mark(x=LEFT, y=HEIGHT - FOOT - n / top * tall, text=f"{n:,}") for n in lines),
    )


def heat_chart(busiest: Sequence[Busiest], months: Sequence[str]) -> Chart:
    """A line a customer, a cell a month, darker for more contacts."""
    most = max((n for busy in busiest for n in busy.by_month.values()), default=1)
    wide = min(40.0, (WIDTH - NAMES - SUMS) / max(len(months), 1))
    blocks, names, sums = [], [], []
    for line, busy in enumerate(busiest):
        y = HEAD + 16 + line * (CELL + GAP)
        names.append(Mark(x=NAMES - 10, y=y + CELL - 4, text=busy.customer))
        x = NAMES + len(months) * wide + SUMS - 12
        sums.append(Mark(x=x, y=y + CELL - 4, text=f"{busy.contacts:,}"))
        for place, month in enumerate(months):
            count = busy.by_month.get(month, 0)
            shade = -(-count * SHADES // most)
            says = f"{busy.customer}, {said_month(month)}: {count:,}"
            x = NAMES + place * wide
            blocks.append(Block(x=x, y=y, width=wide - GAP, height=CELL, tone=shade, says=says))
    height = HEAD + 16 + len(busiest) * (CELL + GAP)
    return Chart(
        width=NAMES + len(months) * wide + SUMS,
        height=height,
        blocks=tuple(blocks),
        across=_month_marks(months, NAMES, wide, 16),
        up=tuple(names),
        after=tuple(sums),
    )


def said_month(month: str) -> str:
    """Apr 2013."""
    year, number = month.split("-")
    return f"{_NAMES[int(number) - 1]} {year}"


_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _month_marks(months: Sequence[str], left: float, wide: float, y: float) -> tuple[Mark, ...]:
    """As many names as have room; a January tells its year."""
    stride = next((n for n in (1, 2, 3, 6, 12) if n * wide >= _ROOM), 12)
    marks: list[Mark] = []
    for place, month in enumerate(months):
        year, number = month.split("-")
        x = left + (place + 0.5) * wide
        has_room = not marks or x - marks[-1].x >= _ROOM
        if not place or (int(number) % stride == 1 % stride and has_room):
            text = year if number == "01" or not place else _NAMES[int(number) - 1]
            marks.append(Mark(x=x, y=y, text=text))
    return tuple(marks)


def _round_up(most: int) -> int:
    """The next number that divides into round lines: 4, 8, 12 … 40, 48, 60, 80, 100 … 400 …"""
    for step in range(4, 33, 4):
        if most <= step:
            return step
    scale = 1
    while True:
        for step in (40, 48, 60, 80, 100, 120, 160, 200, 240, 320):
            if most <= step * scale:
                return step * scale
        scale *= 10
