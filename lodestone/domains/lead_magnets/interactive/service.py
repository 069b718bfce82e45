"""The use cases of tools: make, revise, use, and talk to one."""

import hashlib
import secrets as random_source
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, ValidationError

from lodestone.domains.lead_magnets.archetypes.service import InteractiveType, interactive_of
from lodestone.domains.lead_magnets.checking import check
from lodestone.domains.lead_magnets.interactive import queries, rules, steps
from lodestone.domains.lead_magnets.interactive.models import (
    AssessmentConfig,
    CalculatorConfig,
    ChatConfig,
    Tool,
    Verdict,
)
from lodestone.domains.lead_magnets.interactive.steps import ChatInput, ToolInput
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.prompts import service as prompts
from lodestone.platform import pages, ratelimit, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.secrets import BadToken

__all__ = [
    "Chatting",
    "Heard",
    "Tool",
    "ToolOf",
    "Verdict",
    "draft_tool",
    "find_tool",
    "get_tool",
    "has_tool",
    "hear",
    "keep_tool",
    "list_chats",
    "list_history",
    "list_said",
    "open_session",
    "render_tool",
    "reply",
    "use_tool",
]

MESSAGES_PER_HOUR = 50
MESSAGES_PER_STRETCH, STRETCH_SECONDS = 1_000, 17_280
"""Of all who talk to one magnet: 5,000 a day, and never all at once."""
MESSAGES_SENT = 20
MESSAGES_SHOWN = 200
SESSION_LIFETIME = timedelta(days=1)
SHOWN_CHATS = 50
_TITLE = 100
_MAKERS: Mapping[InteractiveType, Any] = {
    InteractiveType.CALCULATOR: steps.MAKE_CALCULATOR,
    InteractiveType.ASSESSMENT: steps.MAKE_ASSESSMENT,
    InteractiveType.GPT: steps.MAKE_CHAT,
}
_ASKED = ("inputs", "questions", "examples", "evaluates")
_LOGIC = ("logic", "scoring", "prompt")


class ToolOf(BaseModel):
    """A magnet and the tool that it is; `config` is None until one is made."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    title: str
    archetype: Archetype | None
    short_description: str | None
    target_audience: str | None
    pain_point: str | None
    interactive_config: dict[str, Any] | None
    extracted_content: dict[str, Any] | None
    polished_content: dict[str, Any] | None

    @property
    def kind(self) -> InteractiveType | None:
        """Return which tool this format becomes, if any."""
        return interactive_of(self.archetype) if self.archetype else None

    @property
    def config(self) -> Tool | None:
        """Return the tool; what is stored in another shape is none."""
        return find_tool(self.archetype, self.interactive_config)


@dataclass(frozen=True, slots=True)
class Chatting:
    """Who talks to which magnet: what a session's token stands for."""

    lead_magnet_id: UUID
    funnel_lead_id: UUID | None
    acting_user_id: UUID
    session_hash: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that was kept, and what its answer needs."""

    chat_id: UUID
    actor: Service
    magnet: ToolOf
    turn: ChatInput


def find_tool(archetype: str | None, stored: dict[str, Any] | None) -> Tool | None:
    """Return a stored tool, or None for a format without one or a shape that is none."""
    kind = interactive_of(Archetype(archetype)) if archetype else None
    if kind is None or not stored:
        return None
    try:
        return rules.read_tool(kind, stored)
    except ValidationError:
        return None


async def get_tool(tx: Tx, *, lead_magnet_id: UUID) -> ToolOf:
    """Return a magnet with its tool. Raises NotFound when it is invisible."""
    row = await queries.get_tool(tx, lead_magnet_id=lead_magnet_id)
    return ToolOf.model_validate(dict(row))


async def has_tool(tx: Tx, *, lead_magnet_id: UUID) -> bool:
    """Say whether a magnet can be used. Raises NotFound when it is invisible."""
    return (await get_tool(tx, lead_magnet_id=lead_magnet_id)).config is not None


async def keep_tool(tx: Tx, *, lead_magnet_id: UUID, given: object) -> Tool:
    """Write a tool. Raises: InvalidInput that names every wrong path, NotFound."""
    magnet = await get_tool(tx, lead_magnet_id=lead_magnet_id)
    if magnet.kind is None:
        raise InvalidInput("This format is read, not used.", fields={"": "It has no tool."})
    tool = check(rules.MODELS[magnet.kind], given, message="This does not work yet.")
    await queries.update_tool(tx, lead_magnet_id=lead_magnet_id, config=tool.to_json())
    return tool


async def draft_tool(magnet: ToolOf) -> tuple[Tool, bool]:
    """Return a tool made from what is known, and whether a model made it; outside transactions."""
    if magnet.kind is None:
        raise InvalidInput("This format is read, not used.", fields={"": "It has no tool."})
    said = (magnet.extracted_content or {}).get("answers") or {}
    answers = said if isinstance(said, dict) else {}
    given = ToolInput(
        title=magnet.title,
        audience=magnet.target_audience or "",
        description=magnet.short_description or "",
        answers="\n\n".join(f"{name}: {text}" for name, text in answers.items()),
        asked=_first(answers, _ASKED) or _read(magnet.polished_content),
        logic=_first(answers, _LOGIC),
    )
    caller = prompts.Caller("lead-magnet-tool", user_id=magnet.user_id, team_id=magnet.team_id)
    outcome = await prompts.run(_MAKERS[magnet.kind], given, caller=caller)
    return outcome.value, outcome.model != prompts.OFFLINE


def _first(answers: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(answers[name]) for name in names if answers.get(name)), "")


def _read(polished: dict[str, Any] | None) -> str:
    """Return the list items of what is read: what a guide tells to do is what a tool asks for."""
    blocks = [
        block
        for section in (polished or {}).get("sections", [])
        for block in section.get("blocks", [])
        if block.get("type") == "list"
    ]
    return "\n".join(str(block.get("content") or "") for block in blocks)


def use_tool(tool: Tool, given: rules.Given) -> Verdict:
    """Return what a calculator or an assessment answers. Raises InvalidInput by input."""
    if isinstance(tool, CalculatorConfig):
        return rules.calculate(tool, given)
    if isinstance(tool, AssessmentConfig):
        return rules.score(tool, given)
    raise NotFound("There is nothing to calculate here.")


def render_tool(
    tool: Tool,
    *,
    given: rules.Given,
    kept: Sequence[tuple[str, str]] = (),
    session: str = "",
) -> str:
    """Return the tool as HTML, with the answer when something was entered.

    `kept` are parameters of the address that a form has to send along; `session` a chat's token.
    """
    verdict, errors = None, {}
    if given and not isinstance(tool, ChatConfig):
        try:
            verdict = use_tool(tool, given)
        except InvalidInput as refusal:
            errors = refusal.fields
    context = {
        "tool": tool,
        "given": given,
        "verdict": verdict,
        "errors": errors,
        "kept": kept,
        "session": session,
    }
    kind = {CalculatorConfig: "calculator", AssessmentConfig: "assessment"}.get(type(tool), "chat")
    return pages.render_text(f"lead_magnets/tools/{kind}.html", context)


def open_session(*, lead_magnet_id: UUID, funnel_lead_id: UUID | None, acting_user_id: UUID) -> str:
    """Return a new token with which a visitor talks to a magnet for a day."""
    ids = (lead_magnet_id, funnel_lead_id or "", acting_user_id)
    value = "|".join([*map(str, ids), random_source.token_urlsafe(9)])
    expires_at = datetime.now(UTC) + SESSION_LIFETIME
    return runtime.current().secrets.sign("chat", value, expires_at=expires_at)


def read_session(token: str) -> Chatting:
    """Return who talks. Raises NotFound for a token that is over or was not given here."""
    try:
        magnet, lead, actor, _ = runtime.current().secrets.verify("chat", token).split("|")
    except (BadToken, ValueError):
        raise NotFound("This conversation has ended. Reload the page to begin anew.") from None
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Chatting(UUID(magnet), UUID(lead) if lead else None, UUID(actor), digest)


async def list_history(*, token: str) -> list[dict[str, str]]:
    """Return what was said in a session so far. Raises NotFound as `read_session`."""
    chatting = read_session(token)
    async with runtime.acting_as(_writer(chatting.acting_user_id), readonly=True) as tx:
        rows = await queries.list_messages(
            tx,
            lead_magnet_id=chatting.lead_magnet_id,
            session_hash=chatting.session_hash,
            limit=MESSAGES_SHOWN,
        )
    return [dict(row) for row in rows]


async def hear(*, token: str, message: str) -> Heard:
    """Keep a visitor's message; `reply` answers it.

    Raises: RateLimited after 50 messages of a conversation in an hour or 1,000 of a magnet in
    288 minutes, NotFound for a token that is none or a magnet that does not talk.
    """
    chatting = read_session(token)
    actor = _writer(chatting.acting_user_id)
    async with runtime.acting_as(actor) as tx:
        magnet = await get_tool(tx, lead_magnet_id=chatting.lead_magnet_id)
        tool = magnet.config
        if not isinstance(tool, ChatConfig):
            raise NotFound("This lead magnet does not talk.")
        await ratelimit.take(tx, f"chat:{chatting.session_hash}", MESSAGES_PER_HOUR, 3_600)
        await ratelimit.take(tx, f"chats of:{magnet.id}", MESSAGES_PER_STRETCH, STRETCH_SECONDS)
        before = await queries.list_messages(
            tx,
            lead_magnet_id=magnet.id,
            session_hash=chatting.session_hash,
            limit=MESSAGES_SENT - 1,
        )
        chat_id = await queries.enter_chat(
            tx,
            lead_magnet_id=magnet.id,
            session_hash=chatting.session_hash,
            funnel_lead_id=chatting.funnel_lead_id,
            title=message[:_TITLE],
        )
        await queries.insert_message(tx, chat_id=chat_id, role="user", content=message)
    return Heard(chat_id, actor, magnet, _turn(magnet, tool, before, message))


async def reply(heard: Heard) -> str:
    """Return the answer to a message, kept before it is told; outside any transaction."""
    magnet = heard.magnet
    caller = prompts.Caller("chat", user_id=magnet.user_id, team_id=magnet.team_id)
    outcome = await prompts.run(steps.ANSWER, heard.turn, caller=caller)
    async with runtime.acting_as(heard.actor) as tx:
        await queries.insert_message(
            tx, chat_id=heard.chat_id, role="assistant", content=outcome.value
        )
    return outcome.value


def _turn(magnet: ToolOf, tool: ChatConfig, before: Sequence[Record], message: str) -> ChatInput:
    return ChatInput(
        instructions=tool.system_prompt,
        history="\n".join(f"{row['role']}: {row['content']}" for row in before),
        message=message,
        material=_text(magnet.polished_content)[:40_000],
        welcome=tool.welcome_message,
    )


def _text(polished: dict[str, Any] | None) -> str:
    parts: list[str] = []
    for section in (polished or {}).get("sections", []):
        parts += [section.get("sectionName") or "", section.get("introduction") or ""]
        parts += [str(block.get("content") or "") for block in section.get("blocks", [])]
    return "\n".join(part for part in parts if part)


async def list_chats(tx: Tx, *, lead_magnet_id: UUID) -> list[Record]:
    """Return the newest conversations with a magnet."""
    return await queries.list_chats(tx, lead_magnet_id=lead_magnet_id, limit=SHOWN_CHATS)


async def list_said(tx: Tx, *, chat_id: UUID) -> list[Record]:
    """Return what was said in a conversation, oldest first."""
    return await queries.list_said(tx, chat_id=chat_id)


def _writer(user_id: UUID) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user_id)
