"""docs/plans.md says what the code reads."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from relance.domain.documents.fields import Field
from relance.domain.documents.phrases import condition_said, recurrence_said, trigger_said
from relance.domain.documents.plan_fields import (
    PLAN_FIELDS,
    SLOT_FIELDS,
    STEP_FIELDS,
    TRIGGER_FIELDS,
)
from relance.plan_files import check

PAGE = (Path(__file__).parents[2] / "docs" / "plans.md").read_text("utf-8")


def table(fields: Sequence[Field]) -> str:
    lines = ["| field | meaning |", "|---|---|"]
    for one in fields:
        name = f"**`{one.name}`**" if one.required else f"`{one.name}`"
        lines.append(f"| {name} | {one.says} |")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("group", "fields"),
    [
        ("a plan", PLAN_FIELDS),
        ("slots", SLOT_FIELDS),
        ("a step", STEP_FIELDS),
        ("a moment", TRIGGER_FIELDS),
    ],
)
def test_the_reference_describes_every_field(group: str, fields: Sequence[Field]) -> None:
    heading = f"<!-- fields of {group} -->\n\n"
    assert heading in PAGE
    shown = PAGE.split(heading)[1].split("\n\n")[0]
    assert shown == table(fields), f"put this table under {heading.strip()}:\n{table(fields)}"


def test_the_example_is_a_good_plan() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert check(example) == ()


@pytest.mark.parametrize(
    ("heading", "said"),
    [("(`when`)", trigger_said), ("(`every`)", recurrence_said), ("(`condition`)", condition_said)],
)
def test_every_sentence_of_the_reference_is_understood(heading: str, said: object) -> None:
    assert callable(said)
    [lines] = re.findall(rf"{re.escape(heading)} \|.*\n\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()]
    assert rows
    for row in rows:
        first, *others = [said(sentence) for cell in row for sentence in sentences(cell)]
        assert first is not None, row
        assert all(other == first for other in others), row


def sentences(cell: str) -> list[str]:
    """Alternatives stand between commas, which an amount's sentence needs for itself."""
    return [cell] if " EUR" in cell else cell.split(", ")
