"""Control routes of this system alone, by theme; each takes a POST and answers with what is now in force."""

from __future__ import annotations

from starlette.routing import Route

from syncline.sandbox.control import answered
from syncline.sandbox.gate import CONTROL
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.switches.access import AccessSwitches
from syncline.sandbox.salesforce.switches.automatic import AutomaticSwitches
from syncline.sandbox.salesforce.switches.fields import FieldSwitches
from syncline.sandbox.salesforce.switches.oauth import OAuthSwitches
from syncline.sandbox.salesforce.switches.people import PersonSwitches
from syncline.sandbox.salesforce.switches.rules import RuleSwitches
from syncline.sandbox.salesforce.switches.timing import TimingSwitches


def control_routes(org: Org) -> list[Route]:
    """Every control route of one org."""
    themes = (
        AccessSwitches(org),
        FieldSwitches(org),
        OAuthSwitches(org),
        RuleSwitches(org),
        AutomaticSwitches(org),
        TimingSwitches(org),
        PersonSwitches(org),
    )
    table = {path: handler for theme in themes for path, handler in theme.handlers().items()}
    return [Route(CONTROL + path, answered(handler), methods=["POST"]) for path, handler in table.items()]
