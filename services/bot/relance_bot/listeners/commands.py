"""`/relance WORD …`: each word has its answer, which only the asker sees."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import structlog
from slack_bolt.app.async_app import AsyncApp

from relance.store.organisations import load_switches
from relance_bot.blocks import kit
from relance_bot.blocks.banners import banners
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.limits import kept_message
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.desk import Acknowledge, Desk, Respond, refusal_of
from relance_bot.listeners.payloads import Command, command_of
from relance_bot.listeners.replies import Reply, Word, message_of
from relance_bot.people import Colleague
from relance_bot.slack import Failure, failure_of

log = structlog.get_logger(__name__)

_HELP = ("", "help", "aide")


class Commands:
    """Unknown words and mistakes answer with the usage: a line for each word, `usage.WORD`."""

    def __init__(self, desk: Desk, words: Mapping[str, Word], others: Mapping[str, str]) -> None:
        """`others` are further names of words."""
        self._desk = desk
        self._words = words
        self._others = others

    def register(self, app: AsyncApp) -> None:
        app.command("/relance")(self._desk.minded(self.on_command))

    async def on_command(self, ack: Acknowledge, body: Json, respond: Respond) -> None:
        await ack()
        command = command_of(body)
        if not self._desk.is_new(command.trigger_id):
            return
        who = await self._desk.people.who(command.identity)
        if isinstance(who, Colleague):
            reply = await self._answer(command, who)
        else:
            log.info("person_refused", user=command.identity.user, why=who.why)
            reply = [refusal_of(who)]
        if reply is None:
            return
        message = reply if isinstance(reply, Message) else message_of(reply)
        if isinstance(who, Colleague):
            message = await self._with_banners(message, who)
        if failure := await _answered(respond, kept_message(message)):
            log.info("answered_another_way", error=failure)
            await self._desk.whisper(command.identity.user, command.channel, message)

    async def _with_banners(self, message: Message, who: Colleague) -> Message:
        """What is switched is said above every answer."""
        async with self._desk.database.read() as tx:
            switches = await load_switches(tx, who.organisation)
        above = tuple(banners(switches, who.language))
        return Message(text=message.text, blocks=(*above, *message.blocks)) if above else message

    async def _answer(self, command: Command, who: Colleague) -> Reply:
        if command.word in _HELP:
            return self._usage(who.language)
        if word := self._words.get(self._others.get(command.word, command.word)):
            return await word(command, who)
        unknown = say(who.language, "command.unknown", word=kit.datum(command.word, 60))
        return [unknown, *self._usage(who.language)]

    def _usage(self, language: Language) -> Sequence[str]:
        lines = (say(language, f"usage.{word}") for word in (*self._words, "help"))
        return [say(language, "command.usage"), *lines]


async def _answered(respond: Respond, message: Message) -> str:
    """Answers at the command's own address; why not, where that is no longer good."""
    blocks = [*message.blocks]
    try:
        answer = await respond(text=message.text, blocks=blocks, response_type="ephemeral")
    except Failure as error:
        return failure_of(error)
    return "" if answer.status_code == HTTPStatus.OK else f"http_{answer.status_code}"
