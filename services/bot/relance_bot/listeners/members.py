"""`/relance member list|add|role|remove`: who works here, and what they may do (F59)."""

from collections.abc import Mapping, Sequence

from relance.domain.house_requests import AddMember, ChangeRoles, RemoveMember
from relance.domain.people import Member, Role
from relance.drafting.addresses import is_address
from relance.store.organisations import load_members
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command, unlinked
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

MOST = 45
_WORDS = {role.value: role for role in Role} | {
    "chargé": Role.COLLECTOR,
    "responsable": Role.LEAD,
    "administrateur": Role.ADMIN,
}


class Members:
    """A member is named by their address, or by their name where one only is called so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"member": self.member}

    async def member(self, command: Command, who: Colleague) -> Reply:
        word, _, rest = command.rest.partition(" ")
        match word.casefold(), rest.split():
            case "list", []:
                return await self._list(who)
            case "add", [address, *more] if more:
                return await self._add(address, more, command, who)
            case "role", [*named, roles] if named:
                return await self._role(" ".join(named), roles, command, who)
            case "remove", [*named] if named:
                return await self._remove(" ".join(named), command, who)
            case _:
                return [say(who.language, "usage.member")]

    async def _list(self, who: Colleague) -> Reply:
        team = await self._team(who)
        title = say(who.language, "member.list", n=len(team))
        lines = [f"*{title}*"]
        lines += [_line(member, who.language) for member in team[:MOST]]
        if len(team) > MOST:
            lines.append(say(who.language, "names.more", n=len(team) - MOST))
        return lines

    async def _add(
        self, address: str, more: Sequence[str], command: Command, who: Colleague
    ) -> Reply:
        """`add ADDRESS NAME [ROLE[,ROLE]]`."""
        address = unlinked(address)
        if not is_address(address):
            return [say(who.language, "mistake.address", typed=kit.datum(address, 60))]
        roles = _roles(more[-1]) if len(more) > 1 else None
        name = " ".join(more[:-1] if roles else more)
        request = AddMember(email=address, name=name, as_roles=roles or (Role.COLLECTOR,))
        return await self._desk.ask(request, who, command)

    async def _role(self, named: str, typed: str, command: Command, who: Colleague) -> Reply:
        roles = _roles(typed)
        if roles is None:
            known = ", ".join(f"`{role}`" for role in Role)
            wrong = say(who.language, "member.no_role", role=kit.datum(typed, 40), roles=known)
            return [wrong]
        member = await self._find(named, who)
        if not isinstance(member, Member):
            return [member]
        return await self._desk.ask(ChangeRoles(email=member.email, as_roles=roles), who, command)

    async def _remove(self, named: str, command: Command, who: Colleague) -> Reply:
        member = await self._find(named, who)
        if not isinstance(member, Member):
            return [member]
        return await self._desk.ask(RemoveMember(email=member.email), who, command)

    async def _find(self, named: str, who: Colleague) -> Member | str:
        wanted = unlinked(named).casefold()
        team = await self._team(who)
        found = [m for m in team if wanted in (m.email.casefold(), m.name.casefold())]
        if len(found) == 1:
            return found[0]
        return say(who.language, "member.unknown", name=kit.datum(named, 60))

    async def _team(self, who: Colleague) -> Sequence[Member]:
        async with self._desk.database.read() as tx:
            team = await load_members(tx, who.organisation)
        return sorted((m for m in team if m.active), key=lambda m: (m.name.casefold(), m.email))


def _line(member: Member, language: Language) -> str:
    roles = ", ".join(say(language, f"role.{role}") for role in Role if role in member.roles)
    return f"• *{kit.datum(member.name, 60)}* · {kit.datum(member.email, 80)} · {roles}"


def _roles(typed: str) -> tuple[Role, ...] | None:
    """The roles of `lead,admin`; None where one is none."""
    words = [word.strip().casefold() for word in typed.split(",")]
    if not all(word in _WORDS for word in words):
        return None
    return tuple(dict.fromkeys(_WORDS[word] for word in words))
