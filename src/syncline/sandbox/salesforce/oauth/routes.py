"""The OAuth endpoints by their paths."""

from __future__ import annotations

from syncline.sandbox.salesforce.api import Endpoint
from syncline.sandbox.salesforce.oauth.authorize import answer_consent, ask_consent
from syncline.sandbox.salesforce.oauth.identity import identity, userinfo
from syncline.sandbox.salesforce.oauth.revocation import introspect, revoke
from syncline.sandbox.salesforce.oauth.tokens import token


def oauth_endpoints() -> list[Endpoint]:
    """Every endpoint of OAuth; none needs a session, and none is counted."""
    return [
        Endpoint("/services/oauth2/authorize", {"GET": ask_consent, "POST": answer_consent}, open=True),
        Endpoint("/services/oauth2/token", {"POST": token}, open=True),
        Endpoint("/services/oauth2/revoke", {"GET": revoke, "POST": revoke}, open=True),
        Endpoint("/services/oauth2/introspect", {"POST": introspect}, open=True),
        Endpoint("/services/oauth2/userinfo", {"GET": userinfo, "POST": userinfo}, open=True),
        Endpoint("/id/{org}/{user}", {"GET": identity}, open=True),
    ]
