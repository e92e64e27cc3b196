"""Coverage of the operations on accounts."""

from syncline.sandbox.coverage import Coverage

ACCOUNTS = (
    Coverage(
        "POST",
        "/api/v1/accounts/search",
        "name, stages, lists; three sorts, newest first; the limits of the search of contacts; no time of "
        "change in any row; address keys only where set",
        missing="the dates of last activity stay empty",
        uncertain=(
            "how far searches are behind writes; the order of equal stamps; a page size over 100 is "
            "taken as 100"
        ),
        switch="/search_lag",
    ),
    Coverage(
        "POST",
        "/api/v1/accounts/bulk_create",
        "up to 100; CRM ids always find what exists, `run_dedupe` also domain, organisation and name; what "
        "exists comes back untouched; lists by name; the one answer with `updated_at`",
        uncertain="which of several accounts that match comes back: here the one made first",
    ),
    Coverage(
        "POST",
        "/api/v1/accounts/bulk_update",
        "name, owner and stage for all, or each its own values with custom fields; `async` only for the "
        "former; up to 1,000",
        missing="asking how a job stands: no such operation is published",
        uncertain=(
            "how long a job takes: here one second; what the answer of one looks like: here as for contacts; that a "
            "job passes over what would be refused; ids that are nobody's are passed over"
        ),
        switch="/clock, /jobs",
    ),
    Coverage(
        "POST",
        "/api/v1/accounts/update_owners",
        "ids and owner as query or body; `crm_owner_id` comes back too",
        uncertain="ids that are nobody's are passed over",
    ),
    Coverage(
        "POST",
        "/api/v1/accounts",
        "always a new account: nothing is ever looked up; 422 without name and domain; address parsed into its parts",
        uncertain="how an address is parsed: known forms only",
    ),
    Coverage(
        "GET",
        "/api/v1/accounts/{id}",
        "the account with all that is known of its organisation",
        missing="`salesforce_users` and `hubspot_owners` are always empty",
        uncertain="an id that is nobody's, or of a deleted account, gives 422 as a malformed one does",
    ),
    Coverage(
        "PATCH",
        "/api/v1/accounts/{id}",
        "sent keys change, empty ones clear, unknown ones are ignored",
        uncertain="an id that is nobody's, or of a deleted account, gives 422 as a malformed one does",
    ),
    Coverage(
        "PUT",
        "/api/v1/accounts/{id}",
        "the same as PATCH, for older clients",
        uncertain="not published; one client's word, and for contacts only",
    ),
    Coverage("GET", "/api/v1/account_stages", "the stages of a new workspace, in order"),
)
