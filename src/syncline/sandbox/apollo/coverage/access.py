"""Coverage of signing in."""

from syncline.sandbox.coverage import Coverage

ACCESS = (
    Coverage(
        "POST",
        "/api/v1/oauth/token",
        "a code, once, or a refresh token for a new pair; 30 days; a refresh ends both old tokens and may only "
        "narrow the scope; two scopes that every token has; whoever granted it acts",
        missing="the consent page, for which a switch stands in; the second server, for assistants",
        uncertain=(
            "the bodies of refusals: those of the standard; that a code lives ten minutes and a refresh token "
            "for ever; the sentence beside `INVALID_ACCESS_TOKEN`; that a key counts where a token comes too"
        ),
        switch="/oauth/grant, /oauth/expire, /oauth/revoke",
    ),
)
