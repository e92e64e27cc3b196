"""Coverage of signing in."""

from syncline.sandbox.coverage import Coverage

ACCESS = (
    Coverage(
        "POST",
        "/api/v1/oauth/token",
        "a code, once, or a refresh token for a new pair; 30 days; a refresh ends both old tokens and may only "
        "narrow the scope; two scopes that every token has; whoever granted it acts",
        missing="the second server, for assistants",
        uncertain=(
            "the bodies of refusals: those of the standard; that a code lives ten minutes and a refresh token "
            "for ever; the sentence beside `INVALID_ACCESS_TOKEN`; that a key counts where a token comes too"
        ),
        switch="/oauth/grant, /oauth/expire, /oauth/revoke",
    ),
    Coverage(
        "GET",
        "/",
        "the page that the hash route `/#/oauth/authorize?...` leads to; its script goes on to the plain page below",
        missing="everything else of the vendor's site",
    ),
    Coverage(
        "GET",
        "/oauth/authorize",
        "the question to a user: which app, where it is told, which scopes; by default all of the app",
        missing="signing in; the permission to authorise apps; the limits of https and of four redirect URLs",
        uncertain="this address, which only the stand-in has; what is said to a wrong request",
        switch="/oauth/grant",
    ),
    Coverage(
        "POST",
        "/oauth/authorize",
        "a yes goes back with `code` and `state`, a no with `status_code=403` and `error_message`; once",
        uncertain="whether a no keeps the `state`, and its words",
        switch="/doubts",
    ),
)
