"""Who asks, and what a request's handler is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.people import Member
from relance.domain.requests import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and in which organisation: what a request names must belong to it."""

    member: Member
    organisation: UUID
    now: datetime


# Grants the request in the transaction, its history line included, or says why not.
Grant: TypeAlias = Callable[[AsyncConnection, Any, Asker], Awaitable[Answer]]
