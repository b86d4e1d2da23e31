"""Reminders as Dramatiq's messages: acknowledged when done, only what that needs around them."""

import os
from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Retries

from tests.benchmarks.mailing import writing

dramatiq.set_broker(RabbitmqBroker(url=os.environ["BENCH_BUS"], middleware=[Retries()]))


@dramatiq.actor(max_retries=0)
def remind(reminder: dict[str, Any]) -> None:
    writing.remind(reminder)
