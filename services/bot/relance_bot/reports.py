"""What `/relance why` and `/relance forecast` answer, read from the database (F42, F43)."""

from collections.abc import Sequence

from relance.clock import Clock
from relance.reporting.day_lines import day_lines
from relance.reporting.forecast import forecast
from relance.reporting.why import sentences, why
from relance.store.database import Database
from relance_bot.listeners.questions import Asker


class Reports:
    """Answers in the asker's language, on the asker's organisation alone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def why(self, customer: str, asker: Asker) -> Sequence[str]:
        async with self._database.read() as tx:
            now = self._clock.now()
            answer = await why(tx, asker.organisation, customer, now, asker.language)
        return sentences(answer, asker.language)

    async def forecast(self, days: int, asker: Asker) -> Sequence[str]:
        async with self._database.read() as tx:
            rows = await forecast(tx, asker.organisation, days, self._clock.now())
        return day_lines(rows, days, asker.language)
