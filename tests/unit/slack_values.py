"""Actions as the bot's views are given them, plain and hostile, and the checks they must pass."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from relance.domain.actions import ActionState, CallOutcome, Verb
from relance.domain.ledger import ItemKind
from relance.domain.plans import Channel, Mode, Phase
from relance.domain.worklist import (
    ContactLine,
    Deed,
    DraftLine,
    ItemLine,
    Pending,
    Person,
    ShownAction,
)
from relance_bot.blocks.card import CardView
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.limits import check_message, check_view

NOW = datetime(2026, 11, 24, 7, 35, tzinfo=UTC)
HOSTILE = (
    "<!channel> & <@U1> > *bold* `code`",
    "😀" * 100,
    "شركة النور للتجارة",
    "x" * 200,
    "&" * 200,
    "",
    "a\nb\tc",
)
ALICE = Person(id=UUID(int=1), name="Alice")
BOB = Person(id=UUID(int=2), name="Bob")


def item(
    number: str = "F-1", amount: str = "120.00", currency: str = "EUR", **more: Any
) -> ItemLine:
    values: dict[str, Any] = {
        "id": uuid4(),
        "number": number,
        "kind": ItemKind.INVOICE,
        "due_on": date(2026, 11, 14),
        "open": Decimal(amount),
        "currency": currency,
    }
    return ItemLine(**values | more)


def action(**more: Any) -> ShownAction:
    values: dict[str, Any] = {
        "id": UUID(int=7),
        "version": 3,
        "organisation": UUID(int=9),
        "zone": "Europe/Paris",
        "customer": "ACME",
        "step_name": "First reminder",
        "phase": Phase.REMINDER,
        "channel": Channel.EMAIL,
        "mode": Mode.MANUAL,
        "state": ActionState.WAITING,
        "due_on": date(2026, 11, 24),
        "made_at": NOW,
        "owners": (ALICE,),
        "items": (item(),),
    }
    return ShownAction(**values | more)


def draft(**more: Any) -> DraftLine:
    values: dict[str, Any] = {
        "to": ("pay@acme.test",),
        "sender": "alice@atelier.test",
        "subject": "Your invoice",
        "text": "Dear customer,\n\nplease pay.",
    }
    return DraftLine(**values | more)


def deed(event: str, by: str = "Alice", **detail: Any) -> Deed:
    return Deed(id=uuid4(), event=event, at=NOW, by=by, detail=detail)


names = st.sampled_from(HOSTILE) | st.text(max_size=300)
amounts = st.decimals("0", "999999999999", places=2)
currencies = st.sampled_from("EUR USD GBP JPY CHF SEK NOK DKK PLN CZK TND KWD XXX".split())
item_lines = st.builds(
    ItemLine,
    id=st.uuids(),
    number=names,
    kind=st.sampled_from(ItemKind),
    due_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    open=amounts,
    currency=currencies,
    included=st.booleans(),
)
texts = names | st.integers(0, 40_000).map(lambda n: "Bonjour,\n<&> 😀 " * (n // 14))
drafts = st.builds(
    DraftLine,
    to=st.lists(names, max_size=8).map(tuple),
    cc=st.lists(names, max_size=8).map(tuple),
    sender=names,
    subject=names,
    text=texts,
    problem=st.sampled_from(["", "no_contact", "never heard of"]),
)
people = st.builds(Person, id=st.uuids(), name=names)
deeds = st.builds(
    Deed,
    id=st.uuids(),
    event=st.sampled_from(
        "made validated edited skipped sent uncertain cancelled call_logged unheard_of".split()
    ),
    at=st.just(NOW),
    by=names,
    detail=st.fixed_dictionaries({}, optional={"reason": names}),
)
actions = st.builds(
    ShownAction,
    id=st.uuids(),
    version=st.integers(1, 10**9),
    organisation=st.uuids(),
    zone=st.sampled_from(["Europe/Paris", "Asia/Kathmandu"]),
    customer=names,
    step_name=names,
    phase=st.sampled_from(Phase),
    channel=st.sampled_from(Channel),
    mode=st.sampled_from(Mode),
    state=st.sampled_from(ActionState),
    due_on=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    made_at=st.integers(0, 90).map(lambda days: NOW - timedelta(days=days)),
    owners=st.lists(people, min_size=1, max_size=8).map(tuple),
    items=st.lists(item_lines, max_size=60).map(tuple),
    contacts=st.lists(
        st.builds(
            ContactLine,
            name=names,
            email=names,
            phone=names,
            position=names,
            refused=names,
            why=names | st.just("by_hand"),
        ),
        max_size=8,
    ).map(tuple),
    refused=st.dictionaries(names, names, max_size=8),
    problem=st.sampled_from(["", "rejected", "channel_not_connected", "unheard_of: <detail>"]),
    reason=names,
    note=names,
    call_outcome=st.none() | st.sampled_from(CallOutcome),
    snoozed_until=st.none() | st.just(date(2026, 12, 1)),
    decided_by=names,
    closed_at=st.none() | st.just(NOW),
    edited=st.booleans(),
    sent_to=st.lists(names, max_size=8).map(tuple),
    deeds=st.lists(deeds, max_size=12).map(tuple),
    pending=st.none() | st.builds(Pending, verb=st.sampled_from(Verb), by=people, at=st.just(NOW)),
)
views = st.builds(
    CardView, action=actions, draft=st.none() | drafts, mine=st.sampled_from([True, True, False])
)


def check_drawn(message: Message) -> None:
    """Our own limits, Slack's models, one primary button, no markup out of data."""
    assert check_message(message) == []
    for block in Block.parse_all(json.loads(json.dumps(message.blocks))):
        block.validate_json()
    primary = [b for b in buttons(list(message.blocks)) if b.get("style") == "primary"]
    assert len(primary) <= 1
    assert strange_markup([message.text, *mrkdwn_texts(list(message.blocks))]) == []


def check_view_drawn(view: Json) -> None:
    """The same for a modal or a Home tab."""
    assert check_view(view) == []
    assert len(json.dumps(view).encode()) <= 250_000
    View(**json.loads(json.dumps(view))).validate_json()
    assert strange_markup(mrkdwn_texts(view["blocks"])) == []


def mrkdwn_texts(held: Any) -> Iterator[str]:
    if isinstance(held, list):
        for inner in held:
            yield from mrkdwn_texts(inner)
    elif isinstance(held, dict):
        if held.get("type") == "mrkdwn":
            yield held["text"]
        for inner in held.values():
            yield from mrkdwn_texts(inner)


def strange_markup(texts: Iterable[str]) -> list[str]:
    """Whatever Slack would take for a mention or an entity and is no date of ours."""
    ours = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>]*>|&amp;|&lt;|&gt;")
    return [text for text in texts if re.search(r"[<>&]", ours.sub("", text))]


def buttons(held: Any) -> Iterator[Json]:
    if isinstance(held, list):
        for inner in held:
            yield from buttons(inner)
    elif isinstance(held, dict):
        if held.get("type") == "button":
            yield held
        for inner in held.values():
            yield from buttons(inner)


def said(held: Any) -> str:
    """Every text in it, in order."""
    if isinstance(held, Message):
        return f"{held.text}\n{said(list(held.blocks))}"
    if isinstance(held, list):
        return "\n".join(filter(None, map(said, held)))
    if not isinstance(held, dict):
        return ""
    own = [held["text"]] if isinstance(held.get("text"), str) else []
    return "\n".join(filter(None, [*own, *(said(inner) for inner in held.values())]))
