"""Coverage of what the org tells about itself."""

from syncline.sandbox.coverage import Coverage

_PICKLISTS = "/services/data/{version}/ui-api/object-info/{object}/picklist-values/{record_type}"

ORG = (
    Coverage(
        "GET",
        "/services/data",
        "versions 31 to 68; no token, not counted",
        uncertain="the labels of versions that are not out yet",
    ),
    Coverage(
        "GET",
        "/services/data/{version}",
        "the resources there are here; 410 for versions 21 to 30, 404 for others that never were",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/limits",
        "calls of the last 24 hours, counted in hours; too many long requests at once, only as told",
        missing="limits of everything else stay unused; the permission to see them",
        switch="/limits",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/sobjects/{object}/updated",
        "up to 30 days back, in whole minutes, without what is not shared; what is "
        "covered ends where the oldest open transaction began; "
        "INVALID_REPLICATION_DATE, EXCEEDED_ID_LIMIT",
        missing="View All Data",
        uncertain="the code for a date that cannot be read or is left out; that the end is not part of the window",
        switch="/late_commits, /replication, /sharing",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/sobjects/{object}/deleted",
        "up to 15 days back, in whole minutes; what was purged makes a hole before `earliestDateAvailable`",
        missing="the purge of the log by itself",
        uncertain="`earliestDateAvailable` of an org that purged nothing: here 15 days ago",
        switch="/recycle_bin, /late_commits, /replication",
    ),
    Coverage(
        "GET",
        _PICKLISTS,
        "the active options of every picklist that a record type leaves, and the default; the master has all",
        missing="dependent picklists; the rest of the User Interface API",
        uncertain="the reply for a record type that is not there: here 404; how `eTag` is made",
        switch="/record_types, /picklists",
    ),
    Coverage(
        "GET",
        f"{_PICKLISTS}/{{field}}",
        "the same for one picklist",
        missing="dependent picklists",
        uncertain="the reply for a field that is no picklist: here 404",
        switch="/record_types, /picklists",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/sobjects",
        "Account, Contact, Lead, Opportunity with stages and contact roles, User, RecordType, Organization in short",
        missing="other objects, custom ones",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/sobjects/{object}",
        "the object in short and five records that were seen last",
        uncertain="which records count as seen: here the newest",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/sobjects/{object}/describe",
        "every key of objects and fields, custom fields, record types, active and inactive options; fields that the "
        "user may not see are left out; 304",
        missing="dependent picklists, layouts, child relationships to objects that are not here",
        switch="/picklists, /fields, /field_access, /record_types",
    ),
)
