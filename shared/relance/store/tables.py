"""Every table, with the one service that writes it (`info["writer"]`; "each": rows of its own).

Money is in minor units of the row's currency; instants are UTC; dates are the organisation's.
"""

import sqlalchemy as sa

from relance.store.types import Instant, new_id

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SCHEDULER = {"writer": "scheduler"}
DISPATCHER = {"writer": "dispatcher"}
BOT = {"writer": "bot"}
EACH = {"writer": "each"}


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid, primary_key=True, default=new_id)


def _ref(name: str, target: str, *, null: bool = False, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(target), nullable=null, index=index)


def _flag(name: str, *, default: bool) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=default)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, default=default)


# The organisation and its people ---------------------------------------------------------------

organisations = sa.Table(
    "organisations",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    _text("address"),
    _text("email"),
    _text("phone"),
    _text("country", "FR"),
    _text("subdivision"),
    _text("zone", "Europe/Paris"),
    _text("language", "fr"),
    _text("currency", "EUR"),
    sa.Column("send_at", sa.Time, nullable=False),
    sa.Column("send_until", sa.Time, nullable=False),
    sa.Column("weekdays", sa.JSON, nullable=False, default=lambda: [0, 1, 2, 3, 4]),
    _flag("holidays", default=True),
    _flag("enable_new_customers", default=False),
    _flag("kill_switch", default=False),
    # In test mode, where all mail goes instead of to customers; empty: no test mode.
    sa.Column("test_address", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("paused", sa.Boolean, nullable=False, default=False),
    sa.Column("paused_until", sa.Date),
    _text("paused_reason"),
    # A member and a plan, which refer to this table: no constraint closes the circle.
    sa.Column("default_owner_id", sa.Uuid),
    sa.Column("default_plan_id", sa.Uuid),
    sa.Column("fresh_within_hours", sa.Integer),  # None: no source is connected, data never stale
    _text("sender_email"),
    _text("payment_link"),
    info=SCHEDULER,
)

members = sa.Table(
    "members",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    _text("phone"),
    sa.Column("slack_team", sa.Text),
    sa.Column("slack_user", sa.Text),
    sa.Column("roles", sa.JSON, nullable=False, default=lambda: ["collector"]),
    _flag("active", default=True),
    sa.Column("away_from", sa.Date),
    sa.Column("away_until", sa.Date),
    _ref("stand_in_id", "members.id", null=True),
    _text("signature"),
    sa.UniqueConstraint("organisation_id", "email"),
    sa.UniqueConstraint("slack_team", "slack_user"),
    info=SCHEDULER,
)

# Plans and templates ---------------------------------------------------------------------------

plans = sa.Table(
    "plans",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # the current one of plan_versions
    _flag("active", default=True),
    _flag("paused", default=False),
    sa.Column("paused_until", sa.Date),
    _text("paused_reason"),
    sa.UniqueConstraint("organisation_id", "key"),
    info=SCHEDULER,
)

plan_versions = sa.Table(
    "plan_versions",
    metadata,
    _id(),
    _ref("plan_id", "plans.id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),  # the plan as its YAML file says it
    sa.Column("automatic_since", sa.JSON, nullable=False, default=dict),  # step key -> date
    sa.Column("applied_at", Instant, nullable=False),
    _ref("applied_by", "members.id", null=True),
    sa.UniqueConstraint("plan_id", "number"),
    info=SCHEDULER,
)

templates = sa.Table(
    "templates",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    _text("subject"),
    _text("body"),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.UniqueConstraint("organisation_id", "key", "channel", "language"),
    info=SCHEDULER,
)

profiles = sa.Table(
    "profiles",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("name", sa.Text, nullable=False),
    _ref("plan_with_email_id", "plans.id", null=True),
    _ref("plan_without_email_id", "plans.id", null=True),
    sa.UniqueConstraint("organisation_id", "name"),
    info=SCHEDULER,
)

assignment_rules = sa.Table(
    "assignment_rules",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("position", sa.Integer, nullable=False),  # the first that matches wins
    _ref("plan_id", "plans.id"),
    _text("country"),  # empty conditions match everybody
    _text("language"),
    _ref("profile_id", "profiles.id", null=True),
    sa.UniqueConstraint("organisation_id", "position"),
    info=SCHEDULER,
)

# The ledger ------------------------------------------------------------------------------------

customers = sa.Table(
    "customers",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text),  # None: the organisation's
    sa.Column("zone", sa.Text),
    _text("country"),
    _text("address"),
    _ref("profile_id", "profiles.id", null=True),
    _ref("plan_id", "plans.id", null=True),  # set on the customer: beats the profile's
    _ref("account_manager_id", "members.id", null=True),
    _flag("enabled", default=False),
    _flag("archived", default=False),
    _flag("paused", default=False),
    sa.Column("paused_until", sa.Date),
    _text("paused_reason"),
    sa.Column("last_contact_on", sa.Date),
    sa.UniqueConstraint("organisation_id", "reference"),
    info=SCHEDULER,
)

customer_owners = sa.Table(
    "customer_owners",
    metadata,
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers.id"), primary_key=True),
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id"), primary_key=True),
    info=SCHEDULER,
)

contacts = sa.Table(
    "contacts",
    metadata,
    _id(),
    _ref("customer_id", "customers.id", index=True),
    sa.Column("reference", sa.Text, nullable=False),  # the source's key, or the address
    _text("name"),
    _text("email"),
    _text("phone"),
    _text("position"),
    _flag("main", default=False),
    _text("email_invalid"),  # why mail to it fails; empty: it does not
    sa.Column("opted_out", sa.JSON, nullable=False, default=list),  # channels
    sa.UniqueConstraint("customer_id", "reference"),
    info=SCHEDULER,
)

items = sa.Table(
    "items",
    metadata,
    _id(),
    _ref("customer_id", "customers.id"),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("part", sa.Integer, nullable=False, default=0),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("open", sa.BigInteger, nullable=False),
    sa.Column("known_on", sa.Date, nullable=False),
    sa.Column("settled_on", sa.Date),
    _flag("issued", default=True),
    _flag("sent", default=True),
    _flag("direct_debit", default=False),
    _flag("absent", default=False),  # settled because a stock file did not list it
    _flag("cancelled", default=False),  # cancelled or written off in accounting
    _flag("disputed", default=False),  # as the last import said; `family` is what holds
    _flag("paused", default=False),
    sa.Column("paused_until", sa.Date),
    _text("paused_reason"),
    _text("family", "ongoing"),
    _text("status_reason"),
    sa.Column("promised_for", sa.Date),
    sa.UniqueConstraint("customer_id", "kind", "number", "part"),
    sa.CheckConstraint("amount >= 0 and open >= 0 and open <= amount", name="open_amount"),
    info=SCHEDULER,
)
sa.Index(
    "ix_items_open",
    items.c.customer_id,
    postgresql_where=items.c.open > 0,
    sqlite_where=items.c.open > 0,
)

allocations = sa.Table(
    "allocations",
    metadata,
    _id(),
    _ref("source_id", "items.id", index=True),  # a payment or a credit note
    _ref("target_id", "items.id", index=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("allocated_on", sa.Date, nullable=False),
    sa.UniqueConstraint("source_id", "target_id"),
    info=SCHEDULER,
)

imports = sa.Table(
    "imports",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),  # None: it did not come to its end
    sa.Column("counts", sa.JSON, nullable=False, default=dict),
    info=SCHEDULER,
)

# Cases, runs, actions --------------------------------------------------------------------------

cases = sa.Table(
    "cases",
    metadata,
    _id(),
    _ref("customer_id", "customers.id"),
    _ref("plan_id", "plans.id", index=True),
    sa.Column("enrolled_on", sa.Date, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("after", sa.Text),
    sa.Column("next_on", sa.Date),
    sa.Column("wake_at", Instant),
    _text("resting"),
    info=SCHEDULER,
)
sa.Index(
    "ix_cases_awake",  # in the order of the sweep: thousands may be due at one slot's beginning
    cases.c.wake_at,
    cases.c.id,
    postgresql_where=cases.c.wake_at.is_not(None),
    sqlite_where=cases.c.wake_at.is_not(None),
)
sa.Index(
    "uq_cases_current",
    cases.c.customer_id,
    unique=True,
    postgresql_where=cases.c.ended_on.is_(None),
    sqlite_where=cases.c.ended_on.is_(None),
)

runs = sa.Table(
    "runs",
    metadata,
    _id(),
    _ref("case_id", "cases.id"),
    _ref("item_id", "items.id", null=True),  # None: the run of a recap
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("after", sa.Text),
    _flag("finished", default=False),
    sa.UniqueConstraint("case_id", "item_id"),
    info=SCHEDULER,
)

actions = sa.Table(
    "actions",
    metadata,
    _id(),
    _ref("customer_id", "customers.id", index=True),
    _ref("case_id", "cases.id", null=True, index=True),  # None: outside the plan
    sa.Column("plan_key", sa.Text, nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("step_name", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("template", sa.Text),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("to", sa.JSON, nullable=False, default=list),  # positions or addresses
    sa.Column("cc", sa.JSON, nullable=False, default=list),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("leave_at", Instant),  # queued: not before
    sa.Column("released_by", sa.Uuid, sa.ForeignKey("members.id")),  # queued by a person
    sa.Column("closed_at", Instant),  # decided for good
    sa.Column("decided_by", sa.Uuid, sa.ForeignKey("members.id")),
    sa.Column("snoozed_until", sa.Date),
    _text("problem"),  # why a person must act though the step is automatic; a wording key
    _text("reason"),  # of a skip, a cancellation
    _text("note"),
    _text("call_outcome"),
    sa.Column("edited_subject", sa.Text),
    sa.Column("edited_body", sa.Text),
    sa.Column("edited_amounts", sa.JSON),  # item id -> open minor units as the editor saw them
    info=SCHEDULER,
)
sa.Index(
    "ix_actions_queued",
    actions.c.leave_at,
    postgresql_where=actions.c.state == "queued",
    sqlite_where=actions.c.state == "queued",
)
sa.Index(
    "ix_actions_open",
    actions.c.state,
    postgresql_where=actions.c.closed_at.is_(None),
    sqlite_where=actions.c.closed_at.is_(None),
)

run_steps = sa.Table(
    "run_steps",
    metadata,
    _id(),
    _ref("run_id", "runs.id", index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("occurrence", sa.Text, nullable=False, default=""),
    _ref("action_id", "actions.id", index=True),
    _flag("live", default=True),  # False: its action was withdrawn and the step may come again
    info=SCHEDULER,
)
sa.Index(
    "uq_run_steps_once",
    run_steps.c.run_id,
    run_steps.c.step,
    run_steps.c.occurrence,
    unique=True,
    postgresql_where=run_steps.c.live,
    sqlite_where=run_steps.c.live,
)

action_owners = sa.Table(
    "action_owners",
    metadata,
    sa.Column("action_id", sa.Uuid, sa.ForeignKey("actions.id"), primary_key=True),
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id"), primary_key=True, index=True),
    info=SCHEDULER,
)

action_items = sa.Table(
    "action_items",
    metadata,
    sa.Column("action_id", sa.Uuid, sa.ForeignKey("actions.id"), primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.id"), primary_key=True, index=True),
    _flag("included", default=True),  # False: left out by its owner, or settled meanwhile
    info=SCHEDULER,
)

history = sa.Table(
    "history",
    metadata,
    _id(),
    _ref("customer_id", "customers.id", null=True, index=True),
    _ref("action_id", "actions.id", null=True, index=True),
    sa.Column("at", Instant, nullable=False),
    _ref("member_id", "members.id", null=True),  # None: the clock
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("from_version", sa.Integer),
    sa.Column("to_version", sa.Integer),
    sa.Column("detail", sa.JSON, nullable=False, default=dict),
    info=SCHEDULER,
)

request_answers = sa.Table(
    "request_answers",
    metadata,
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("granted", sa.Boolean, nullable=False),
    _text("why"),
    sa.Column("fields", sa.JSON, nullable=False, default=dict),
    sa.Column("detail", sa.JSON, nullable=False, default=dict),  # what the answer tells
    sa.Column("answered_at", Instant, nullable=False),
    info=SCHEDULER,
)

decision_answers = sa.Table(
    "decision_answers",
    metadata,
    sa.Column("decision_id", sa.Uuid, sa.ForeignKey("decisions.id"), primary_key=True),
    sa.Column("accepted", sa.Boolean, nullable=False),
    _text("why"),
    sa.Column("fields", sa.JSON, nullable=False, default=dict),
    sa.Column("answered_at", Instant, nullable=False),
    info=SCHEDULER,
)

# Sending ---------------------------------------------------------------------------------------

attempts = sa.Table(
    "attempts",
    metadata,
    _id(),
    _ref("action_id", "actions.id", index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("action_version", sa.Integer, nullable=False),  # as the claim found it
    sa.Column("token", sa.Uuid, nullable=False),
    sa.Column("claimed_at", Instant, nullable=False),
    sa.Column("lease_until", Instant, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("recipients", sa.JSON, nullable=False, default=list),
    sa.Column("subject", sa.Text),
    sa.Column("body", sa.LargeBinary),  # the exact bytes handed over
    # None: open. From the provider: delivered, rejected, try_later, unknown. From the last look,
    # before any hand-over: impossible (a person must act), returned (the text no longer fits),
    # cancelled.
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_detail", sa.Text),  # a wording key, or the provider's answer
    sa.Column("recorded_at", Instant),
    sa.Column("retry_at", Instant),  # try_later: not before
    _flag("live", default=True),  # open, delivered or unknown: forbids a further attempt
    info=DISPATCHER,
)
sa.Index(
    "uq_attempts_live",
    attempts.c.action_id,
    unique=True,
    postgresql_where=attempts.c.live,
    sqlite_where=attempts.c.live,
)
sa.Index(
    "ix_attempts_unfinished",
    attempts.c.lease_until,
    postgresql_where=attempts.c.outcome.is_(None),
    sqlite_where=attempts.c.outcome.is_(None),
)

# The bot ---------------------------------------------------------------------------------------

requests = sa.Table(
    "requests",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    _ref("member_id", "members.id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("input", sa.JSON, nullable=False, default=dict),  # what was typed
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("reply_to", sa.JSON, nullable=False, default=dict),  # where the answer is shown
    sa.Column("origin", sa.Text),  # the click; a redelivered one is the same
    sa.Column("told_at", Instant),  # its answer has been seen to
    sa.UniqueConstraint("origin"),
    info=BOT,
)
sa.Index(
    "ix_requests_untold",
    requests.c.taken_at,
    postgresql_where=requests.c.told_at.is_(None),
    sqlite_where=requests.c.told_at.is_(None),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _id(),
    _ref("action_id", "actions.id", index=True),
    _ref("member_id", "members.id"),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("input", sa.JSON, nullable=False, default=dict),  # what was typed
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("reply_to", sa.JSON, nullable=False, default=dict),  # where a refusal is shown
    sa.Column("origin", sa.Text),  # the click; a redelivered one is the same
    sa.Column("told_at", Instant),  # its answer has been seen to
    sa.UniqueConstraint("origin"),
    info=BOT,
)
sa.Index(
    "ix_decisions_untold",
    decisions.c.taken_at,
    postgresql_where=decisions.c.told_at.is_(None),
    sqlite_where=decisions.c.told_at.is_(None),
)

plan_drafts = sa.Table(
    "plan_drafts",
    metadata,
    _id(),
    _ref("organisation_id", "organisations.id"),
    _ref("member_id", "members.id"),
    sa.Column("plan", sa.Text, nullable=False),  # its key
    sa.Column("seen", sa.Integer, nullable=False),  # made from this version; 0: a plan to come
    sa.Column("document", sa.JSON, nullable=False),  # under way: it need not be right yet
    sa.Column("edits", sa.Integer, nullable=False, default=0),
    sa.Column("changed_at", Instant, nullable=False),
    sa.UniqueConstraint("member_id", "plan"),
    info=BOT,
)

cards = sa.Table(
    "cards",
    metadata,
    sa.Column("action_id", sa.Uuid, sa.ForeignKey("actions.id"), primary_key=True),
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("channel", sa.Text),
    sa.Column("ts", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, default=0),  # shown; 0: to be drawn again
    sa.Column("drawn", sa.Text, nullable=False, default=""),  # digest of what it shows
    sa.Column("drawn_at", Instant),
    sa.Column("told", sa.JSON, nullable=False, default=list),  # history lines in its thread
    _flag("settled", default=False),  # shows an action that is decided for good
    sa.Column("leased_until", Instant),  # being drawn, or not to be tried before
    sa.Column("problem", sa.Text),  # Slack's error, when it could not be shown
    info=BOT,
)
sa.Index(
    "ix_cards_unsettled",
    cards.c.action_id,
    postgresql_where=sa.not_(cards.c.settled),
    sqlite_where=sa.not_(cards.c.settled),
)

# Messages --------------------------------------------------------------------------------------

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("trace", sa.Text),  # W3C traceparent of whoever posted it
    info=EACH,
)
sa.Index("ix_outbox_service", outbox.c.service, outbox.c.created_at)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("retry_at", Instant),
    sa.Column("body", sa.LargeBinary),  # kept while it waits for a retry
    sa.Column("error", sa.Text),  # the kind of error only: never data
    info=EACH,
)
sa.Index(
    "ix_inbox_retry",
    inbox.c.retry_at,
    postgresql_where=inbox.c.retry_at.is_not(None),
    sqlite_where=inbox.c.retry_at.is_not(None),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    _id(),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("died_at", Instant, nullable=False),
    info=EACH,
)
