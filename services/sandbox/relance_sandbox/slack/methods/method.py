"""What every Web API method declares."""

from collections.abc import Callable
from dataclasses import dataclass

from relance_sandbox.slack.arguments import Arguments
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Method:
    """A call, its rate tier, and whether it takes the app's token; any one scope suffices."""

    call: Callable[[Workspace, Arguments], Json]
    scopes: tuple[str, ...] = ()
    tier: int = 3
    is_for_app: bool = False
