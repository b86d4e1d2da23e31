"""The report of a back-test as one page that needs nothing else: no script, no file, no network."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from relance.backtest.drawing import heat_chart, said_month, timeline_chart
from relance.backtest.figures import Figures, shared_months
from relance.backtest.printing import compared, said_late
from relance.backtest.trial import Question, Trial
from relance.domain.plans import Phase
from relance.reporting.texts import said_count, said_share, said_totals

_MOST_STRIPS = 40
_LAST_TONE = 8  # of the colours in the page's style; many reminders share them in turn


def report_page(question: Question, trials: Sequence[Trial]) -> str:
    """The page's HTML; customers appear by their references."""
    months = shared_months([trial.figures for trial in trials])
    most = max((_most_in_a_month(trial.figures) for trial in trials), default=1)
    setting, span = question.setting, question.span
    return _template().render(
        question=question,
        setting=setting,
        span=span,
        title=" / ".join(trial.name for trial in trials),
        facts=(
            ("Items", f"{len(question.ledger.items):,}"),
            ("Customers", f"{len(question.found.customers):,}"),
            ("Replayed", f"{span.first:%-d %B %Y} to {span.last:%-d %B %Y}"),
            ("Sending", f"{setting.send_at:%H:%M} {setting.zone}"),
            ("Holidays", setting.country if setting.holidays else "ignored"),
            ("Owners", _OWNERS[question.owners]),
        ),
        remarks=question.found.remarks,
        plans=[_plan(trial, months, most) for trial in trials],
        compared=list(compared(trials)),
    )


_OWNERS = {
    "validate": "validate everything at once",
    "wait": "decide nothing",
    "skip": "skip everything at once",
}


def _plan(trial: Trial, months: Sequence[str], most: int) -> Mapping[str, Any]:
    found = trial.figures
    tones = _tones(found)
    steps = [(tones[key], key, name) for key, name in found.steps.items()]
    used = [step for step in steps if step[1] in found.by_step]
    sums = {m: sum(found.by_step[key].get(m, 0) for _, key, _ in used) for m in months}
    return {
        "name": trial.name,
        "found": found,
        "steps": used,
        "headline": _headline(found),
        "timeline": timeline_chart(found, months, most, tones),
        "heat": heat_chart(found.busiest[:_MOST_STRIPS], months),
        "hidden": max(0, len(found.busiest) - _MOST_STRIPS),
        "rows": [
            (
                said_month(m),
                [said_count(found.by_step[key].get(m, 0)) for _, key, _ in used],
                f"{sums[m]:,}",
                said_totals(found.reminded.get(m, {})),
            )
            for m in months
        ],
        "totals": [f"{sum(found.by_step[key].values()):,}" for _, key, _ in used],
        "all": f"{sum(sums.values()):,}",
        "violations": trial.violations,
    }


def _headline(found: Figures) -> Sequence[tuple[str, str]]:
    notices, thanks = found.by_phase.get(Phase.PRE_DUE, 0), found.by_phase.get(Phase.THANK_YOU, 0)
    return (
        (
            f"{found.by_phase.get(Phase.REMINDER, 0):,}",
            f"reminders, besides {notices:,} notices and {thanks:,} thank-yous",
        ),
        (f"{found.customers_contacted:,}", f"of {found.customers:,} customers contacted"),
        (f"{found.invoices_reminded:,}", f"of {found.invoices:,} invoices reminded"),
        (said_share(found.paid_before), "of paid invoices needed no reminder"),
        (said_late(found.days_late), "days late at the first reminder, on average"),
    )


def _tones(found: Figures) -> dict[str, int]:
    """A colour for each step: notices the first, thank-yous the last, reminders ever warmer."""
    tones, next_tone = {}, 1
    for key in found.steps:
        match found.phases[key]:
            case Phase.PRE_DUE:
                tones[key] = 0
            case Phase.THANK_YOU:
                tones[key] = _LAST_TONE
            case Phase.REMINDER:
                tones[key] = next_tone
                next_tone = next_tone % (_LAST_TONE - 1) + 1
    return tones


def _most_in_a_month(found: Figures) -> int:
    sums = (sum(of.get(m, 0) for of in found.by_step.values()) for m in found.months)
    return max(sums, default=1)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("relance.backtest", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
