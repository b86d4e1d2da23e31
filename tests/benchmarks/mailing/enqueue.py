"""Puts so many reminders into a task queue, with all that their texts need.

    python -m tests.benchmarks.mailing.enqueue by_dramatiq|by_celery NUMBER

Writes a line when they are there.
"""

import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

from tests.benchmarks.mailing.queue import ITEMS, SLOT, address, amount_of


def reminder(place: int) -> dict[str, Any]:
    return {
        "language": "fr" if place % 2 else "en",
        "house": "Atelier Lumière",
        "sender": "Alice",
        "contact": f"Hélène Martin {place}",
        "address": address(place),
        "items": [_item(place, part) for part in range(ITEMS)],
    }


def _item(place: int, part: int) -> dict[str, Any]:
    late = 10 + part
    due_on = SLOT.date() - timedelta(days=late)
    return {
        "number": f"F-{place:06}-{part}",
        "issued_on": (due_on - timedelta(days=30)).isoformat(),
        "due_on": due_on.isoformat(),
        "open": str(amount_of(place, part) / 100),
        "days_late": late,
    }


if __name__ == "__main__":
    task = import_module(f"tests.benchmarks.mailing.{sys.argv[1]}").remind
    send = task.send if hasattr(task, "send") else task.delay
    for place in range(int(sys.argv[2])):
        send(reminder(place))
    sys.stdout.write("done\n")
    sys.stdout.flush()
