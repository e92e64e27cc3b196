"""Coverage of what the org tells about itself."""

from syncline.sandbox.coverage import Coverage

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
        "up to 30 days back, in whole minutes; what is covered ends where the oldest open transaction began; "
        "INVALID_REPLICATION_DATE, EXCEEDED_ID_LIMIT",
        missing="sharing: every record is seen",
        uncertain="the code for a date that cannot be read or is left out; that the end is not part of the window",
        switch="/late_commits, /replication",
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
        "/services/data/{version}/sobjects",
        "Account, Contact, Lead, User, RecordType, Organization in short",
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
        switch="/picklists, /fields, /field_access",
    ),
)
