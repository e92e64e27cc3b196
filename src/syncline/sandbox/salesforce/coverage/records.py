"""Coverage of reading and writing records, one or many a call."""

from syncline.sandbox.coverage import Coverage

_ONE = "/services/data/{version}/sobjects/{object}/{id}"
_MANY = "/services/data/{version}/composite/sobjects"

RECORDS = (
    Coverage(
        "POST",
        "/services/data/{version}/sobjects/{object}",
        "required fields, unique values, restricted picklists by record type, lengths, e-mail addresses, references, "
        "inactive owners, validation rules, locks, automations, duplicate rules with `allowSave`, "
        "assignment of leads; values trimmed, addresses in lower "
        "case; a deal has one primary contact role",
        missing="triggers, layouts; `includeRecordDetails`, `runAsCurrentUser`; match rules compare the e-mail "
        "address, or the name of an account, only",
        uncertain="the texts of most refusals; that a new primary contact role ends the one before; "
        "the spelling of `duplicateResult` between versions 57 and 59",
        switch="/duplicate_rules, /assignment, /picklists, /validation_rules, /automations, /locks, /field_access",
    ),
    Coverage(
        "GET",
        _ONE,
        "whole or the fields asked for; ids of 15 and 18 characters; 304; 404 for a deleted record",
        missing="sharing by role or rule: a record is shared with the integration user or not",
        uncertain="whether the contacts and opportunities of a merged account get new stamps; "
        "that a restored loser of a merge names its survivor no more; that a record which is not shared is 404",
        switch="/field_access, /merge, /convert, /undelete, /sharing",
    ),
    Coverage(
        "PATCH",
        _ONE,
        "the checks of a create but duplicate rules; `If-Unmodified-Since` and 412; converted leads refuse",
        missing="`If-Match`; sharing of the records that a reference names",
        uncertain="that a record which is not shared gives INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY; "
        "that duplicate rules look at creates only; a stamp in ISO form is understood too",
        switch="/assignment, /picklists, /validation_rules, /automations, /locks, /late_commits",
    ),
    Coverage(
        "DELETE",
        _ONE,
        "moves the record to the recycle bin, with an account its contacts and opportunities",
        missing="restoring from the bin, but as a person; what stands in the way of a deletion, such as a case",
        switch="/recycle_bin, /undelete, /sharing, /locks",
    ),
    Coverage(
        "POST",
        _MANY,
        "up to 200, in up to 10 runs of one object; an outcome for each in a reply of 200; `allOrNone`",
        uncertain="whether rows of a refusal carry the matches; that rows of one call are not compared with each other",
        switch="/duplicate_rules, /assignment, /picklists, /validation_rules, /automations, /locks, /field_access",
    ),
    Coverage(
        "PATCH",
        _MANY,
        "up to 200 by id; an outcome for each; `allOrNone`",
        switch="/assignment, /picklists, /validation_rules, /automations, /locks, /late_commits",
    ),
    Coverage(
        "DELETE",
        _MANY,
        "up to 200 ids in the address; an outcome for each; `allOrNone`",
        switch="/recycle_bin, /undelete, /sharing",
    ),
    Coverage(
        "GET",
        f"{_MANY}/{{object}}",
        "ids and fields in the address; null for each record that is not there",
        uncertain="the code for a malformed id",
    ),
    Coverage(
        "POST",
        f"{_MANY}/{{object}}",
        "up to 2,000 ids and the fields in the body; null for each record that is not there",
        uncertain="the code for a malformed id",
    ),
    Coverage(
        "POST",
        "/services/data/{version}/composite",
        "up to 25 calls, five of them queries or collections; references to earlier answers; `allOrNone`, "
        "PROCESSING_HALTED of what depends or comes after; one call of the allocation",
        missing="graphs; calls are never reordered, whatever `collateSubrequests` says",
        uncertain="the codes for too many calls, a name used twice, and a composite inside a composite",
    ),
)
