"""The report of a back-test as one page that needs nothing else; drawn in `report.html.j2`."""

from collections.abc import Sequence

from relance.backtest.trial import Question, Trial


def report_page(question: Question, trials: Sequence[Trial]) -> str:
    """The page's HTML."""
    raise NotImplementedError
