"""Who is behind a payload, and where a member is to be found in Slack."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.people import Member
from relance.store.database import Database
from relance.store.organisations import member_of
from relance.store.tables import members
from relance_bot.blocks.words import Language, language_of
from relance_bot.slack import Failure, failure_of

FRESH_SECONDS = 600.0
MOST_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a payload says it is from: the workspace, the person, and the person's workspace."""

    team: str
    user: str
    home_team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A member, at work in Slack."""

    member: Member
    organisation: UUID
    user: str
    language: Language
    zone: str


Why: TypeAlias = Literal["stranger", "outsider", "inactive", "unchecked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody who may not act, and why; `unchecked`: Slack did not say who they are."""

    why: Why
    language: Language = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What users.info says of a person."""

    user: str
    team: str
    email: str
    full: bool
    language: Language
    zone: str


class People:
    """Profiles are remembered for ten minutes; what our own table says is read each time."""

    def __init__(self, client: AsyncWebClient, database: Database) -> None:
        self._client = client
        self._database = database
        self._profiles: dict[str, tuple[float, Profile]] = {}
        self._found: dict[str, tuple[float, str | None]] = {}
        self.team = ""  # known once the token has been tried

    async def who(self, identity: Identity) -> Colleague | Stranger:
        """The member behind a payload. Their own workspace must be the bot's (Slack Connect)."""
        try:
            return await self.surely(identity)
        except Failure as error:
            log.warning("person_not_checked", error=failure_of(error))
            return Stranger(why="unchecked")

    async def surely(self, identity: Identity) -> Colleague | Stranger:
        """The same, or one of Failure: for what can be done later as well."""
        if self.team not in (identity.team, "") or identity.home_team != identity.team:
            return Stranger(why="outsider")
        profile = await self.profile(identity.user)
        if profile is None or not profile.full or profile.team != identity.team:
            return Stranger(why="outsider", language=profile.language if profile else "en")
        async with self._database.read() as tx:
            row = await _row_of(tx, identity, profile.email)
        if row is None:
            return Stranger(why="stranger", language=profile.language)
        member = member_of(row)
        if not member.active:
            return Stranger(why="inactive", language=profile.language)
        return Colleague(
            member=member,
            organisation=row["organisation_id"],
            user=identity.user,
            language=profile.language,
            zone=profile.zone,
        )

    async def find(self, member_id: UUID) -> Profile | None:
        """An active member's profile; None when they are a guest, or not in this workspace."""
        async with self._database.read() as tx:
            found = await tx.execute(sa.select(members).where(members.c.id == member_id))
            row = found.mappings().one_or_none()
        if row is None or not row["active"]:
            return None
        user = row["slack_user"] if row["slack_team"] == self.team else None
        if not row["slack_user"]:
            user = await self._user_of(row["email"])
        profile = await self.profile(user) if user else None
        return profile if profile and profile.full and profile.team == self.team else None

    async def profile(self, user: str) -> Profile | None:
        """What Slack says of the person; None for an unknown one."""
        seen, held = self._profiles.get(user, (float("-inf"), None))
        if held and monotonic() - seen < FRESH_SECONDS:
            return held
        try:
            answer = await self._client.users_info(user=user, include_locale=True)
        except SlackApiError as error:
            if failure_of(error) in ("user_not_found", "user_not_visible"):
                return None
            raise
        profile = _profile(answer["user"])
        _remember(self._profiles, user, profile)
        return profile

    def language(self, user: str) -> Language:
        """The person's language as far as it is known without asking."""
        return self._profiles[user][1].language if user in self._profiles else "en"

    async def _user_of(self, email: str) -> str | None:
        seen, held = self._found.get(email, (float("-inf"), None))
        if monotonic() - seen < FRESH_SECONDS:
            return held
        try:
            answer = await self._client.users_lookupByEmail(email=email)
            user = str(answer["user"]["id"])
        except SlackApiError as error:
            if failure_of(error) != "users_not_found":
                raise
            user = None
        _remember(self._found, email, user)
        return user


def _remember(memory: dict[str, Any], key: str, value: Any) -> None:
    if len(memory) >= MOST_REMEMBERED:
        memory.clear()
    memory[key] = (monotonic(), value)


def _profile(user: Mapping[str, Any]) -> Profile:
    unlike = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    return Profile(
        user=user["id"],
        team=user.get("team_id", ""),
        email=user.get("profile", {}).get("email", ""),
        full=not any(user.get(flag) for flag in unlike),
        language=language_of(user.get("locale")),
        zone=user.get("tz") or "UTC",
    )


async def _row_of(tx: AsyncConnection, identity: Identity, email: str) -> Mapping[Any, Any] | None:
    """By workspace and person, else by an address that nobody in Slack has been given yet."""
    linked = sa.select(members).where(
        members.c.slack_team == identity.team, members.c.slack_user == identity.user
    )
    if row := (await tx.execute(linked)).mappings().one_or_none():
        return row
    if not email:
        return None
    same = sa.func.lower(members.c.email) == email.lower()
    by_email = await tx.execute(sa.select(members).where(same, members.c.slack_user.is_(None)))
    rows = by_email.mappings().all()
    return rows[0] if len(rows) == 1 else None
