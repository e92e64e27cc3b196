"""Coverage of records by external id."""

from syncline.sandbox.coverage import Coverage

_ONE = "/services/data/{version}/sobjects/{object}/{field}/{value}"

EXTERNAL = (
    Coverage("GET", _ONE, "as by id; 300 with the addresses of several", switch="/fields"),
    Coverage(
        "PATCH",
        _ONE,
        "201 for a new record, 200 with a body for a changed one, 204 before version 46; 300 with the addresses of "
        "several; `updateOnly`; encoded values; neither Id nor the key in the body",
        missing="references to parents by their external ids; POST below Id",
        uncertain="that `updateOnly` is heard in every version",
        switch="/fields, /duplicate_rules",
    ),
    Coverage("DELETE", _ONE, "as by id; 300 with the addresses of several", switch="/fields"),
    Coverage(
        "PATCH",
        "/services/data/{version}/composite/sobjects/{object}/{field}",
        "up to 200 of one object, external ids only; an outcome for each with `created`; `allOrNone`; one id twice "
        "is refused twice; several matches are DUPLICATE_EXTERNAL_ID",
        uncertain="the codes of rows without the key or with an Id besides; `created` is left out of refused rows",
        switch="/fields, /duplicate_rules",
    ),
)
