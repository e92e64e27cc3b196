"""Coverage of the operations on deals."""

from syncline.sandbox.coverage import Coverage

_SEARCH = "/api/v1/opportunities/search"
_CREATED = "whether a deal shows `created_at`, as published, or `opportunity_created_at`, as recorded"

DEALS = (
    Coverage(
        "GET",
        _SEARCH,
        "three published sorts, pages within the limits of the search of contacts; deals with their account inside; "
        "no time of change in any row; 403 on the free plan",
        missing="`salesforce_users` is always empty",
        uncertain=f"the order without a sort: here newest first; two further sorts; {_CREATED}",
        switch="/search_lag, /doubts",
    ),
    Coverage(
        "POST",
        _SEARCH,
        "the same with a body, by name and stages too",
        uncertain="not published; one client's word, as is that other filters are ignored without a word",
        switch="/search_lag, /doubts",
    ),
    Coverage(
        "POST",
        "/api/v1/opportunities",
        "always a new deal: nothing is ever looked up; 422 without a name; no stage and no owner unless named; an "
        "amount that is not digits alone stays blank",
        missing="currencies: all amounts are in dollars; contact roles, but as a person",
        uncertain=(
            f"{_CREATED}; that description, next step and pipeline are taken; that a decimal point leaves the amount "
            "blank as a comma does; a day that is none is no day"
        ),
        switch="/doubts",
    ),
    Coverage(
        "GET",
        "/api/v1/opportunities/{opportunity_id}",
        "the deal with its account; 404 for a deal that is not there, 422 for a malformed id",
        uncertain=f"{_CREATED}; that a deleted deal gives 404 too",
        switch="/doubts",
    ),
    Coverage(
        "PATCH",
        "/api/v1/opportunities/{opportunity_id}",
        "sent keys change, empty ones clear, but no stage can be taken away; `is_closed` is ignored; 422 for a deal "
        "that is not there",
        missing="currency and contact roles, which no call sets",
        uncertain=(
            f"{_CREATED}; that description, next step, account and pipeline are taken; that an empty name is refused"
        ),
        switch="/doubts",
    ),
    Coverage(
        "GET",
        "/api/v1/opportunity_stages",
        "the stages of one pipeline that was made from a CRM's, in order",
        missing="further pipelines, but as a person",
    ),
    Coverage(
        "GET",
        "/api/v1/opportunity_pipelines",
        "the one pipeline",
        uncertain="not published: its keys and its scope",
    ),
)
