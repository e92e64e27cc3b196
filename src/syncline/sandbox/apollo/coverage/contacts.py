"""Coverage of the operations on contacts."""

from syncline.sandbox.coverage import Coverage

CONTACTS = (
    Coverage(
        "POST",
        "/api/v1/contacts/search",
        "keywords, stages, lists, profile address; five sorts, newest first; at most 100 a page and 50,000 in "
        "all; 403 on the free plan; account and organisation inside each contact",
        missing="`partial_results_only` is never true; the dates of last opened and last clicked e-mails never move",
        uncertain=(
            "how far searches are behind writes; the order of equal stamps; a page size over 100 is "
            "taken as 100; whether the free plan may search"
        ),
        switch="/search_lag, /doubts",
    ),
    Coverage(
        "POST",
        "/api/v1/contacts/bulk_create",
        "up to 100; what exists comes back untouched; `run_dedupe`; lists by name, made when missing; an owner "
        "for all, who must be in the team; `primary_title` wins over `title`; placeholders of e-mail imports "
        "are overwritten, and no other contact ever is",
        missing="`contact_role_type_ids`",
        uncertain="whether CRM ids are compared when `run_dedupe` is false: here they are not",
        switch="/doubts",
    ),
    Coverage(
        "POST",
        "/api/v1/contacts/bulk_update",
        "the same values for all, or each its own; 101 to 1,000, or `async`, become a job that is done a "
        "moment later",
        missing="asking how a job stands: no such operation is published",
        uncertain=(
            "how long a job takes: here one second; that a job passes over what would be refused; "
            "`contact_stage_id`, which only the prose names, is ignored"
        ),
        switch="/clock, /jobs, /doubts",
    ),
    Coverage(
        "POST",
        "/api/v1/contacts/update_stages",
        "ids and stage as query or body; whole contacts come back",
        uncertain="ids that are nobody's are passed over",
    ),
    Coverage(
        "POST",
        "/api/v1/contacts/update_owners",
        "ids and owner as query or body; `crm_owner_id` comes back too",
        uncertain="ids that are nobody's are passed over",
    ),
    Coverage(
        "POST",
        "/api/v1/contacts",
        "always a new contact, unless `run_dedupe` finds one and overwrites what is sent; protected ids; lists "
        "replaced; organisation inferred from the domain of the e-mail; acting user as owner",
        missing="a check that an e-mail address exists: each new one is `verified`",
        uncertain=(
            "CRM ids and `person_id` are taken though the published parameters lack them; what `custom_field_errors` "
            "hold for a value that does not fit; that a locked address is still matched"
        ),
        switch="/doubts, /organizations, /visibility",
    ),
    Coverage(
        "GET",
        "/api/v1/contacts/{contact_id}",
        "the whole contact; 422 for one that never was, and for a deleted one",
        uncertain="which contacts a user may not see: none; that a malformed id is refused like that of an account",
        switch="/visibility",
    ),
    Coverage(
        "PATCH",
        "/api/v1/contacts/{contact_id}",
        "sent keys change, empty ones clear, unknown ones are ignored; `updated_at` moves only with a change; "
        "422 for a deleted contact, which names it",
        uncertain="that an e-mail address that is none gives 422 `Validation failed`",
    ),
    Coverage(
        "PUT",
        "/api/v1/contacts/{contact_id}",
        "the same as PATCH, for older clients",
        uncertain="not published; one client's word",
    ),
    Coverage(
        "DELETE",
        "/api/v1/contacts/{contact_id}",
        "403 for every key, as it was recorded",
        missing="deleting: there is no key for it; the control deletes as a person does",
        switch="/delete",
    ),
    Coverage(
        "GET",
        "/api/v1/contact_stages",
        "the stages of a new workspace, in order",
        missing="making and changing stages, which the API cannot do either",
    ),
)
