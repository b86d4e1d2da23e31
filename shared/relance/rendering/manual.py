"""docs/templates.md, made from the tables that checking and rendering use."""

from collections.abc import Iterable, Iterator

from relance.rendering.checking import MOST_BODY
from relance.rendering.variables import FILTERS, LOOP_FIELDS, ROW_FIELDS, VARIABLES, Variable

_OPENING = f"""# Templates

<!-- Made by `python -m relance.rendering.manual > docs/templates.md`; a test fails on drift. -->

A template is a text with holes, one for each channel and language. It is a file
`<language>/<key>.md`: a front matter between `---` lines with `channel` (email, sms, letter, call,
task or other) and, where there is one, `subject`; then the text. E-mails and letters are written in
Markdown (**bold**, lists, tables, links); the other channels are plain text. HTML and images are
refused.

- `{{{{ customer.name }}}}` prints a variable; `#customer_name` means the same.
- `{{% if credits %}} … {{% elif … %}} … {{% else %}} … {{% endif %}}` prints what applies. A text,
  an amount or a list counts as yes when there is something in it. `and`, `or`, `not`, comparisons
  (`reference.days_late > 30`, `items_selected|length == 1`) and
  `customer.language in ("fr", "de")` are understood.
- `{{% for item in items_selected %}} … {{% endfor %}}` repeats for every item of a list, two loops
  deep at most.
- Nothing else is: no calculation, no call, no `set`, `macro`, `include`. Amounts and totals have
  names of their own, and totals of several currencies are printed side by side, never added.

A template is checked when it is saved: every mistake is listed with its line. A text longer than
{MOST_BODY:,} characters is refused. Whatever data holds – Markdown, HTML, braces – is printed as it
stands. Dates and amounts follow the reader's language; a message for whose language there is no
template uses the organisation's language, then English.
"""


def page() -> str:
    """The whole manual page."""
    return "\n".join(
        [
            _OPENING,
            "## Variables\n",
            *_table(VARIABLES),
            "\n## In a loop over items (`item.…`)\n",
            *_table(ROW_FIELDS, prefix="item."),
            "\n## In any loop (`loop.…`)\n",
            *_table(LOOP_FIELDS, prefix="loop."),
            "\n## Filters\n",
            "| filter | takes | write | meaning | sens |\n|---|---|---|---|---|",
            *(
                f"| `{known.name}` | {', '.join(sorted(known.takes))} "
                f"| `{_in_cell(known.example)}` | {known.en} | {known.fr} |"
                for known in FILTERS
            ),
            "",
        ]
    )


def _table(variables: Iterable[Variable], prefix: str = "") -> Iterator[str]:
    hashtags = not prefix
    yield f"| name |{' hashtag |' if hashtags else ''} kind | example | meaning | sens |"
    yield f"|---|{'---|' if hashtags else ''}---|---|---|---|"
    for variable in variables:
        aliases = ", ".join(f"`#{alias}`" for alias in variable.hashtags)
        yield (
            f"| `{prefix}{variable.name}` |{f' {aliases} |' if hashtags else ''} {variable.kind} "
            f"| {variable.example} | {variable.en} | {variable.fr} |"
        )


def _in_cell(example: str) -> str:
    return example.replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
