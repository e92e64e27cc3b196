"""Coverage of sign-in and of who is signed in."""

from syncline.sandbox.coverage import Coverage

ACCESS = (
    Coverage(
        "POST",
        "/services/oauth2/token",
        "client credentials, in the body or as Basic; JWT bearer, RS256, with the audiences of login, test and "
        "this host; inactive users; no `expires_in`; errors are objects",
        missing="authorisation code, refresh token",
        uncertain="how late an assertion may end: here 30 seconds; the reply for a wrong secret",
        switch="/tokens",
    ),
    Coverage(
        "GET",
        "/services/oauth2/revoke",
        "ends a token; 400 for an unknown one",
        missing="`unsupported_token_type`",
        uncertain="that GET is taken",
    ),
    Coverage(
        "POST",
        "/services/oauth2/revoke",
        "ends a token; 400 for an unknown one",
        missing="`unsupported_token_type`",
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
