"""Reminders as Celery's tasks: acknowledged when done, without results or events."""

import os
from typing import Any

from celery import Celery

from tests.benchmarks.mailing import writing

app = Celery("bench", broker=os.environ["BENCH_BUS"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=16,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)


@app.task
def remind(reminder: dict[str, Any]) -> None:
    writing.remind(reminder)
