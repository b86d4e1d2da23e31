"""What admins ask for about their organisation: its switches, its settings, its people (F57)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from relance.domain.people import ADMINS, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What of an organisation is switched: the kill switch, and where test mode sends all mail."""

    kill: bool = False
    test_address: str = ""


NOTHING_ON = Switches()


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchKill:
    """With the kill switch on nothing leaves, what people have released included."""

    kind: ClassVar = "switch_kill"
    roles: ClassVar = ADMINS

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTest:
    """In test mode every mail goes to `address` and to nobody else; empty: no test mode."""

    kind: ClassVar = "switch_test"
    roles: ClassVar = ADMINS

    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    """Settings by name, as JSON takes them; `seen` are the same ones as they were shown."""

    kind: ClassVar = "change_settings"
    roles: ClassVar = ADMINS

    changes: Mapping[str, Any]
    seen: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A colleague, found in Slack by the address; one who had left comes back."""

    kind: ClassVar = "add_member"
    roles: ClassVar = ADMINS

    email: str
    name: str
    as_roles: tuple[Role, ...] = (Role.COLLECTOR,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoles:
    """What a member may do from now on, and nothing else."""

    kind: ClassVar = "change_roles"
    roles: ClassVar = ADMINS

    email: str
    as_roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember:
    """The member leaves: nothing new comes to them, and they may do nothing more."""

    kind: ClassVar = "remove_member"
    roles: ClassVar = ADMINS

    email: str
