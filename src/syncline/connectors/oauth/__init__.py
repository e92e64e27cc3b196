"""OAuth 2.0: grants, the tokens they bring, and the web flow in which a person consents."""

from syncline.connectors.oauth.grants import ClientCredentials, Grant, JwtBearer, RefreshToken
from syncline.connectors.oauth.source import MemoryTokenStore, TokenSession, TokenSource
from syncline.connectors.oauth.webflow import Question, WebFlow, ask, exchange, read_answer, revoke

__all__ = [
    "ClientCredentials",
    "Grant",
    "JwtBearer",
    "MemoryTokenStore",
    "Question",
    "RefreshToken",
    "TokenSession",
    "TokenSource",
    "WebFlow",
    "ask",
    "exchange",
    "read_answer",
    "revoke",
]
