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
        "calls of the last 24 hours, counted in hours",
        missing="limits of everything else stay unused; the permission to see them",
        switch="/limits",
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
