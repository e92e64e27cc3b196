"""Coverage of the operations on what a team has besides contacts and accounts."""

from syncline.sandbox.coverage import Coverage

TEAM = (
    Coverage(
        "GET",
        "/api/v1/auth/health",
        "200 whatever the key, `is_logged_in` tells; no limit",
        uncertain="the second key, `healthy`; that a wrong key gives 200 and not 401",
    ),
    Coverage(
        "GET",
        "/api/v1/users/search",
        "users with their many keys, deleted ones included; page numbers come back as text; 403 on the free plan",
        uncertain="that deleted users are listed; whether the free plan may search",
        switch="/doubts",
    ),
    Coverage(
        "GET",
        "/api/v1/users/api_profile",
        "who acts: the user who granted a token; for a key the longest-standing one who is not deleted; credits on "
        "demand",
        missing="credits are never used: nothing here sells data",
    ),
    Coverage(
        "GET",
        "/api/v1/fields",
        "the system's own fields of contacts, accounts and deals, and custom ones, by source",
        missing="field groups, views; not each of the vendor's own fields",
        uncertain="which keys a system field has: the published schema and its example differ",
    ),
    Coverage(
        "POST",
        "/api/v1/fields",
        "custom fields of six types, no picklists; length; 422 for what is not in a list",
        missing="how many fields a plan allows: there is a switch",
        uncertain="the texts of refusals but the one of reserved names; two fields with the same label are both made",
        switch="/fields, /doubts",
    ),
    Coverage(
        "PATCH",
        "/api/v1/fields",
        "one field a call: label, length, options sent whole and merged by `reassign_from`; 403 for the mapping to a "
        "CRM; the type stays; records keep the ids of options that are gone",
        missing="`field_group_id`, sets of options, schedules of enrichment",
        uncertain="of several fields in one call only the first is changed",
    ),
    Coverage(
        "GET",
        "/api/v1/typed_custom_fields",
        "every custom field, in the older form with the options of picklists",
        missing="mapping to further CRM fields",
    ),
    Coverage(
        "GET",
        "/api/v1/labels",
        "every list as a bare array, with the counts of living records",
        missing="lists of sequences",
    ),
    Coverage("POST", "/api/v1/labels", "a list of contacts or accounts; 422 for a name that is taken"),
    Coverage("PATCH", "/api/v1/labels/{id}", "name and `book_of_business`; 404 for a list that is not there"),
    Coverage(
        "POST",
        "/api/v1/labels/add_entity_ids_to_label_names",
        "adds records to lists, making lists that are missing; `async` becomes a job",
        uncertain="how long a job takes: here one second; ids that are nobody's are passed over",
        switch="/clock, /jobs",
    ),
    Coverage(
        "POST",
        "/api/v1/labels/remove_entity_ids_from_label_names",
        "takes records off lists; `async` becomes a job",
        uncertain="how long a job takes: here one second; ids that are nobody's are passed over",
        switch="/clock, /jobs",
    ),
    Coverage(
        "GET",
        "/api/v1/phone_calls/search",
        "403 for all but master keys and tokens with the scope; page numbers come back as text",
        missing="calls: the stand-in has no dialer, so none are found",
    ),
    Coverage(
        "POST",
        "/api/v1/usage_stats/api_usage_stats",
        "limit, use and rest of every operation in each window",
        uncertain="whether it counts against a limit of its own: here it does",
        switch="/limits",
    ),
)
