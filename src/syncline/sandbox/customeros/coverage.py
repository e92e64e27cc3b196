"""What the stand-in of CustomerOS covers; a house test holds the rows against the routes."""

from syncline.sandbox.coverage import Coverage

COVERAGE = (
    Coverage(
        "POST",
        "/query",
        "GraphQL with `ui_organizations_search`, `ui_organizations`, `organizations`, `organization`, "
        "`organizations_HiddenAfter`, `users`, `user`, `user_ByEmail` in two published vocabularies; filters joined by "
        "AND, OR, NOT; pages from 1; a key in `X-CUSTOMER-OS-API-KEY` or 401 in one of two spellings; introspection "
        "under the name `IntrospectionQuery` without a key; 1,000 calls a minute; a limit of complexity; owners "
        "without addresses; archived and merged organisations; times of change that also move when nothing changed",
        missing="mutations, subscriptions, contacts, contracts and everything else of the published schema; the header "
        "pair of service keys; the list that fits a dashboard",
        uncertain="which operators each property takes; the default number of rows; how far complexity may go, 200 "
        "here; that listings leave archived organisations out; that a merged one is gone for every reader; the wording "
        "of refusals and of the 429, which has no headers here; status 422 of operations that are not valid; which "
        "stage of one vocabulary is which of the other; that an owner who is gone is none; `leadType` and "
        "`quarantineStatus`, which are off at first: no published schema has them",
        switch="/edition, /schema, /access, /limits, /errors, /reevaluate, /merge",
    ),
)
