"""Somebody who tries something on an action, and what the rules of the house say of it (§7)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

from hypothesis import event, note
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relance.contracts.messages import DecisionsTaken
from relance.domain.actions import ActionState, CallOutcome, Decision, Edit, Verb
from relance.domain.people import Role
from relance.messaging.outbox import post
from relance.store.cards import Taken, take_decision
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    decision_answers,
    decisions,
    history,
    members,
)
from relance.store.types import new_id
from relance_bot.blocks.kit import Json
from relance_bot.blocks.values import Target
from relance_sandbox import Acknowledged
from relance_sandbox.slack.deliveries import ask
from tests.proofs.payloads import ACTOR, pressed, submitted
from tests.scenarios.office import Office, said

SECRET = "Zanzibar"  # the customer's name: whoever is no owner never reads it

Where: TypeAlias = Literal[
    "here", "another workspace", "a shared channel", "a guest", "a bot", "deleted", "unknown"
]
By: TypeAlias = Literal["bolt", "the queue"]
OPEN = (ActionState.WAITING, ActionState.UNCERTAIN)
NEEDS = {  # rules §6, §7, in the test's own words
    Verb.VALIDATE: (ActionState.WAITING,),
    Verb.EDIT: (ActionState.WAITING,),
    Verb.SNOOZE: (ActionState.WAITING,),
    Verb.LOG_CALL: (ActionState.WAITING,),
    Verb.SKIP: OPEN,
    Verb.REASSIGN: OPEN,
    Verb.MARK_SENT: (ActionState.UNCERTAIN,),
    Verb.SEND_AGAIN: (ActionState.UNCERTAIN,),
}
BUTTONS = (Verb.VALIDATE, Verb.MARK_SENT, Verb.SEND_AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`behind`: so many versions older (or, below zero, newer) than the action is."""

    verb: Verb
    roles: frozenset[Role]
    owner: bool
    shared: bool
    active: bool
    ours: bool
    state: ActionState
    behind: int
    where: Where
    by: By

    @property
    def known(self) -> bool:
        """A member at work in this company's workspace."""
        here = self.where == "here" or self.by == "the queue"
        return self.active and self.ours and here

    @property
    def reads(self) -> bool:
        """Whether the card is theirs to see, whoever may send what in their name."""
        there = self.where not in ("a guest", "a bot", "deleted")
        return self.owner and self.ours and self.active and there

    @property
    def may(self) -> bool:
        if not self.known:
            return False
        if self.verb is Verb.REASSIGN:
            return bool(self.roles & {Role.LEAD, Role.ADMIN})
        return self.owner

    @property
    def has_effect(self) -> bool:
        return self.may and self.state in NEEDS[self.verb] and not self.behind


# Mostly people of the house: strangers are refused for one reason, colleagues for many.
MOSTLY = st.sampled_from([True, True, True, False])
ATTEMPTS = st.builds(
    Attempt,
    verb=st.sampled_from(Verb),
    roles=st.sets(st.sampled_from(Role)).map(frozenset),
    owner=st.booleans(),
    shared=st.booleans(),
    active=MOSTLY,
    ours=MOSTLY,
    state=st.sampled_from([*ActionState, *OPEN, *OPEN]),
    behind=st.sampled_from([0, 0, 0, 1, -1]),
    where=st.sampled_from(["here"] * 6 + [*Where.__args__]),  # type: ignore[attr-defined]
    by=st.sampled_from(["bolt", "bolt", "the queue"]),
)


@dataclass(kw_only=True)
class Firm:
    """An office with one more person, who tries; another company uses the same database."""

    office: Office
    actor: UUID
    elsewhere: UUID

    async def attempt(self, tried: Attempt) -> None:
        await self.cast(tried)
        action = await self.an_action(tried)
        self.office.workspace.direct(ACTOR, self.office.workspace.app.bot_user_id).messages.clear()
        before = await self.standing(action)
        with capture_logs() as lines:
            answer = await self.do(tried, action)
            await self.office.settle()
        after = await self.standing(action)
        event(f"{tried.by}: {'effect' if tried.has_effect else 'refused'}")
        note(f"{answer}\n{lines}")
        if tried.has_effect:
            await self.took_effect(tried, action)
            return
        assert after == before
        assert not await self.accepted(action)
        self.was_told(tried, answer)
        assert self.logged(tried, lines, await self.events(action))

    async def cast(self, tried: Attempt) -> None:
        """The person as the example has them."""
        world, people = self.office.world, self.office.workspace.members
        house = world.organisation if tried.ours else self.elsewhere
        roles = [role.value for role in tried.roles]
        await world.set(
            members, self.actor, roles=roles, active=tried.active, organisation_id=house
        )
        people[ACTOR] = replace(
            people[ACTOR],
            is_restricted=tried.where == "a guest",
            is_bot=tried.where == "a bot",
            deleted=tried.where == "deleted",
        )
        self.office.bots[0]._people._profiles.clear()

    async def an_action(self, tried: Attempt) -> UUID:
        world = self.office.world
        customer = await world.customer(SECRET)
        await world.contact(customer, "pay@acme.test")
        owners = [
            *([self.actor] if tried.owner and tried.ours else []),
            *([world.alice] if tried.shared or not (tried.owner and tried.ours) else []),
        ]
        closed = tried.state not in (*OPEN, ActionState.QUEUED)
        return await world.action(
            customer,
            [await world.invoice(customer, "120.00")],
            owners=owners,
            state=tried.state,
            version=5,
            channel="call" if tried.verb is Verb.LOG_CALL else "email",
            closed_at=world.clock.now() if closed else None,
            leave_at=world.clock.now() + timedelta(days=9),  # nobody sends here
        )

    async def do(self, tried: Attempt, action: UUID) -> Any:
        target = Target(action=action, version=5 - tried.behind)
        if tried.by == "the queue":
            return await self.queue(tried, target)
        if tried.verb in BUTTONS:
            return await self.deliver(tried, pressed(self.office, tried.verb.value, target))
        opened = await self.open(tried, target)
        if not tried.may and opened and not tried.reads:
            assert SECRET not in said(opened["blocks"])
        alone = tried.owner and tried.ours and not tried.shared
        owner = self.actor if alone else self.office.world.alice
        return await self.deliver(tried, await submitted(self.office, tried.verb, target, owner))

    async def open(self, tried: Attempt, target: Target) -> Json | None:
        """What the button of that verb opens for them."""
        self.office.workspace.views.modals.pop(ACTOR, None)
        name = "address" if tried.verb is Verb.EDIT and tried.shared else tried.verb.value
        await self.deliver(tried, pressed(self.office, name, target))
        view = self.office.workspace.views.top(ACTOR)
        return view.body if view else None

    async def deliver(self, tried: Attempt, payload: Json) -> Any:
        if tried.where == "another workspace":
            payload["user"]["team_id"] = payload["team"]["id"] = "T2"
        if tried.where == "a shared channel":
            payload["user"]["team_id"] = "T2"
        if tried.where == "unknown":
            payload["user"]["id"] = "U7777"
        outcome = await ask(self.office.workspace, ACTOR, "interactive", payload, tried.verb)
        await self.office.taken_in()
        assert isinstance(outcome, Acknowledged)
        return outcome.payload

    async def queue(self, tried: Attempt, target: Target) -> None:
        """Their decision as a row: whatever was checked at the click, the scheduler looks again."""
        world, now = self.office.world, self.office.world.clock.now()
        decision = Decision(
            verb=tried.verb,
            version=target.version,
            call_outcome=CallOutcome.REACHED if tried.verb is Verb.LOG_CALL else None,
            edit=Edit(note="Mine") if tried.verb is Verb.EDIT else None,
            until=world.today + timedelta(days=2) if tried.verb is Verb.SNOOZE else None,
            new_owner=self.office.bob if tried.verb is Verb.REASSIGN else None,
        )
        taken = Taken(
            id=new_id(),
            action=target.action,
            member=self.actor,
            decision=decision,
            origin=new_id().hex,
            reply_to={"user": ACTOR},
        )
        async with self.office.bots[0]._desk.database.write() as tx:
            assert await take_decision(tx, taken, now)
            await post(tx, "bot", DecisionsTaken, [taken.id], now)

    async def standing(self, action: UUID) -> list[Any]:
        """Everything about the action that a decision could change."""
        world = self.office.world
        return [
            await world.row(actions, action),
            await world.rows(action_owners, action_owners.c.action_id == action),
            await world.rows(action_items, action_items.c.action_id == action),
        ]

    async def events(self, action: UUID) -> list[str]:
        rows = await self.office.world.rows(history, history.c.action_id == action)
        return [row.event for row in rows]

    async def accepted(self, action: UUID) -> bool:
        world = self.office.world
        taken = {row.id for row in await world.rows(decisions, decisions.c.action_id == action)}
        answers = await world.rows(decision_answers, decision_answers.c.accepted)
        return any(answer.decision_id in taken for answer in answers)

    async def took_effect(self, tried: Attempt, action: UUID) -> None:
        """One decision, one line of history, by this person; the next version."""
        assert await self.accepted(action)
        [line] = await self.office.world.rows(history, history.c.action_id == action)
        assert (line.member_id, line.from_version, line.to_version) == (self.actor, 5, 6)
        assert (await self.office.world.row(actions, action)).version == 6
        if tried.verb is Verb.REASSIGN:
            [owner] = await self.office.world.rows(
                action_owners, action_owners.c.action_id == action
            )
            assert owner.member_id == self.office.bob

    def was_told(self, tried: Attempt, answer: Any) -> None:
        """Privately, by word or in the modal; and the customer's name only to owners."""
        told = self.office.whispers(ACTOR)
        if isinstance(answer, dict) and "view" in answer:
            told.append(said(answer["view"]["blocks"]))
        assert told or tried.where != "here" or tried.by == "the queue"
        if not tried.reads:
            shown = [said(m.get("blocks", [])) for m in self.office.cards(ACTOR)]
            assert not [text for text in (*told, *shown) if SECRET in text]

    def logged(self, tried: Attempt, lines: Any, events: list[str]) -> bool:
        """In the log where it was refused at the click, in history where it was in the queue."""
        if tried.by == "the queue" and not tried.may:
            return "refused" in events
        refusing = {"click_refused", "click_on_nothing", "person_refused"}
        return tried.by == "the queue" or any(line["event"] in refusing for line in lines)
