"""Coverage of queries."""

from syncline.sandbox.coverage import Coverage

QUERIES = (
    Coverage(
        "GET",
        "/services/data/{version}/query",
        "SOQL with parent fields, conditions, lists, date words, order, limit, offset, `COUNT()`, `FIELDS()`, "
        "inner queries, groups and aggregates; "
        "pages of 200 to 2,000; living records; 414 for a long address",
        missing="child queries, `HAVING`, order by aggregates, `TYPEOF`, currency and geography, `columns`",
        uncertain="the bounds of `batchSize`; the texts of most parser errors",
        switch="/pages",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/queryAll",
        "the same over all records, the recycle bin included; further pages say `query/`",
        missing="archived activities; what `query` lacks",
        switch="/pages",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/query/{locator}",
        "further pages, as they were when the query ran; at most ten results stay open",
        uncertain="how long a locator lives: here two days, the eleventh result or a restart; how many are kept",
        switch="/pages, /tokens",
    ),
    Coverage(
        "GET",
        "/services/data/{version}/queryAll/{locator}",
        "the same as below `query/`",
        uncertain="how long a locator lives: here two days, the eleventh result or a restart; how many are kept",
        switch="/pages, /tokens",
    ),
)
