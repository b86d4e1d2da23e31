"""What happened since the process started, in Prometheus' terms; docs/operations.md explains."""

from prometheus_client import Counter, Histogram

SENDS = Counter(
    "relance_sends",
    "Hand-overs to a provider by their outcome",
    ["channel", "outcome"],
)
SLACK_CALLS = Counter(
    "relance_slack_calls",
    "Calls of Slack's Web API: ok, or Slack's error",
    ["method", "outcome"],
)
CARRIED = Counter("relance_messages_carried", "Messages that the broker has confirmed", ["kind"])
TAKEN = Counter("relance_messages_taken", "Messages taken off the queue", ["kind"])
SWEPT = Counter("relance_cases_swept", "Cases that were evaluated")
TICKS = Histogram(
    "relance_tick_seconds",
    "How long a round of work took that found something to do",
    ["part"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
FAULTS = Counter("relance_tick_faults", "Rounds of work that failed", ["part", "error"])
