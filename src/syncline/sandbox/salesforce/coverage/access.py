"""Coverage of sign-in and of who is signed in."""

from syncline.sandbox.coverage import Coverage

ACCESS = (
    Coverage(
        "GET",
        "/services/oauth2/authorize",
        "the web server flow: a consent page without scripts, on which one chooses who one is; callbacks to the "
        "letter, or plain http to this machine; `state`, `login_hint`, scopes; S256 with or without its method named",
        missing="signing in, so `prompt` does nothing; the user agent flow; `openid`",
        uncertain="that all scopes of the app are meant when none is asked for; the words of most refusals",
        switch="/connected_app",
    ),
    Coverage(
        "POST",
        "/services/oauth2/authorize",
        "the answer on the page, once and within 15 minutes: back to the app with a code, or with `access_denied`",
        uncertain="the path: what the real page does is its own affair",
    ),
    Coverage(
        "POST",
        "/services/oauth2/token",
        "codes, once and for 15 minutes; refresh tokens, with rotation or without; five grants of a user to an app; "
        "client credentials, JWT bearer (RS256, audiences login, test and this host); Basic or the body; inactive "
        "users; signed replies with no `expires_in`; errors are objects",
        missing="passwords; ID tokens; scopes that open less than everything; certificates for other apps than the "
        "first; a login host that refuses client credentials",
        uncertain="how late and how long an assertion may be: 30 seconds, and any; `invalid_request` for a wrong "
        "verifier, for which `invalid_grant` was seen; that a failed exchange uses up its code; that a grant outlives "
        "the use of a rotated token; a scope at a refresh is passed over",
        switch="/connected_app, /tokens, /grants, /instance",
    ),
    Coverage(
        "GET",
        "/services/oauth2/revoke",
        "the same as POST, with the token in the address",
        missing="the answer as a script",
        switch="/grants",
    ),
    Coverage(
        "POST",
        "/services/oauth2/revoke",
        "ends an access token, or a refresh token with the access tokens it has brought; `invalid_token`",
        uncertain="that `unsupported_token_type` is about `token_type_hint`",
        switch="/grants",
    ),
    Coverage(
        "POST",
        "/services/oauth2/introspect",
        "access and refresh tokens of the app that asks; all others are not active",
        missing="an app that may ask about all tokens of the org",
        uncertain="the keys about a refresh token: without `exp`",
        switch="/tokens, /grants",
    ),
    Coverage(
        "GET",
        "/services/oauth2/userinfo",
        "who holds the token, in the words of OpenID; 403 `Bad_OAuth_Token` as text",
        missing="pictures, phone numbers, the address, `urls`",
    ),
    Coverage(
        "POST",
        "/services/oauth2/userinfo",
        "the same as GET",
        missing="pictures, phone numbers, the address, `urls`",
    ),
    Coverage(
        "GET",
        "/id/{org}/{user}",
        "who holds the token, at the address the token reply names",
        missing="pictures, phone numbers, all but three `urls`",
        uncertain="that the id of another user gives 403 `Bad_Id`",
    ),
)
