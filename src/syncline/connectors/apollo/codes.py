"""Apollo's refusals as data: class, meaning, cure and who can.

Apollo seldom gives a code: then the code is the status of the answer, `http-422`, and its words tell what is meant.
The words are those of Apollo's published schema and of recorded answers; what each calls for is our judgement.
"""

from __future__ import annotations

from syncline.connectors.codes import EDITOR, NOBODY, SETTINGS, CodeTable, VendorCode
from syncline.core.model import ErrorClass

_ADMIN = "the administrator of the Apollo team"
_REPORT = "correct the value; if it looks right, report it: Syncline should not have sent it so"
_CHECKED = "then `syncline connection test NAME`: it is tried again once the test has passed"
_T, _L = ErrorClass.TRANSIENT, ErrorClass.LOCK
_V, _P, _D, _G = ErrorClass.VALIDATION, ErrorClass.PERMISSION, ErrorClass.DUPLICATE, ErrorClass.GONE
_REFUSED = "http-422"
_TOO_LARGE = "this one record is larger than Apollo takes in a call"

_ABSENT = (
    VendorCode(
        _REFUSED, _G, "the contact was deleted in Apollo", "nothing; its link ends, or restore the contact",
        NOBODY, says="as it is deleted",
    ),
    VendorCode(
        _REFUSED, _G, "the record was deleted in Apollo", "nothing; its link ends, or restore the record", NOBODY,
        says="has been deleted",
    ),
    VendorCode(
        _REFUSED, _G, "Apollo has no such record any more", "nothing; the next read tells what became of it",
        NOBODY, says="does not exist",
    ),
    VendorCode("http-404", _G, "Apollo has no such record any more", "nothing; the next read tells", NOBODY),
    VendorCode("http-410", _G, "Apollo has no such record any more", "nothing; the next read tells", NOBODY),
    VendorCode("gone", _G, "Apollo did not show the record in its answer", "nothing; the next read tells", NOBODY),
)  # fmt: skip

_VALUES = (
    VendorCode(
        _REFUSED, _V, "a value is no id that Apollo knows: an owner, stage, account or list that is gone",
        "choose another one where the value comes from, or correct the map", EDITOR, says="is not a valid id",
    ),
    VendorCode(
        _REFUSED, _V, "Apollo does not take a value", "correct the value that is quoted", EDITOR,
        says="parameters misconfigured",
    ),
    VendorCode(
        _REFUSED, _V, "an account needs a name or a domain", "fill one of the two where the record comes from",
        EDITOR, says="at least a name or domain",
    ),
    VendorCode(
        _REFUSED, _V, "a deal needs a name", "give the deal a name where it comes from", EDITOR,
        says="name is required",
    ),
    VendorCode(
        _REFUSED, _V, "a stage that a search was limited to is not there any more",
        "choose the stages anew in the settings", SETTINGS, says="search parameters are entered incorrectly",
    ),
    VendorCode(
        _REFUSED, _V, "a listing was asked for in an order that Apollo does not know", _REPORT, SETTINGS,
        says="invalid sort criteria",
    ),
    VendorCode(
        _REFUSED, _V, "more records were sent in one call than Apollo takes", "nothing; they go in smaller calls",
        NOBODY, says="please limit your array",
    ),
    VendorCode(
        _REFUSED, _V, "Apollo wants to do this one record at a time", _REPORT, SETTINGS,
        says="async processing is not permitted",
    ),
    VendorCode(
        _REFUSED, _V, "Apollo misses a value in the call", _REPORT, SETTINGS, says="required parameter",
    ),
    VendorCode(
        _REFUSED, _V, "a list of that name exists already", "use the list that is there", EDITOR,
        says="already exists",
    ),
    VendorCode(
        _REFUSED, _P, "this key may not see the record", f"share the record with the key's user, {_CHECKED}",
        _ADMIN, says="not authorized to view",
    ),
    VendorCode(_REFUSED, _V, "Apollo does not take a value", "correct the value its words name", EDITOR),
    VendorCode("http-400", _V, "Apollo does not understand the call", _REPORT, EDITOR),
    VendorCode("http-413", _V, _TOO_LARGE, "shorten its longest text", EDITOR),
    VendorCode("http-414", _V, _TOO_LARGE, "shorten its longest text", EDITOR),
    VendorCode("INVALID_REQUEST", _V, "Apollo does not understand the call", _REPORT, EDITOR),
    VendorCode(
        "RECORD_LIMIT_EXCEEDED", _V, "more records were sent in one call than Apollo takes",
        "nothing; they go in smaller calls", NOBODY,
    ),
    VendorCode(
        "custom-field", _V, "Apollo took the record and left this custom value out, because it does not fit the field",
        "correct the value, or the type or options of the custom field", EDITOR,
    ),
    VendorCode(
        "read-only", _V, "Apollo has no call that writes this field", "turn its map to the other direction", SETTINGS,
        by_hand=False,
    ),
    VendorCode(
        "placeholder", _V, "the address is the one Apollo shows instead of a withheld one; it is never written",
        "clear the address where it came from", EDITOR, by_hand=False,
    ),
    VendorCode(
        "not-text", _V, "the text holds half a character, which nobody can send", "type the text anew", EDITOR,
        by_hand=False,
    ),
    VendorCode(
        "amount", _V, "Apollo takes the amount of a deal in digits alone, and would leave another one blank",
        "write a whole amount that is not below zero", EDITOR, by_hand=False,
    ),
    VendorCode(
        "stage", _V, "Apollo's API cannot take a stage away", "choose a stage instead of none", EDITOR, by_hand=False,
    ),
)  # fmt: skip

_ACCESS = (
    VendorCode(
        "API_INACCESSIBLE", _P, "the key, or the consent, does not include this call",
        f"add the call to the key's scope, or use a master key, {_CHECKED}", _ADMIN,
    ),
    VendorCode(
        "http-403", _P, "Apollo's plan does not include this call", f"choose a plan that does, {_CHECKED}", _ADMIN,
        says="paid plans",
    ),
    VendorCode(
        "http-403", _P, "Apollo does not let a program set what belongs to its own CRM connection",
        "set it in Apollo", _ADMIN, says="crm mapping",
    ),
    VendorCode("http-403", _P, "the key may not do this", f"grant it, {_CHECKED}", _ADMIN),
)  # fmt: skip

_OTHERS = (
    VendorCode(
        "namesake", _D, "Apollo takes it for another person of that name, whose address is another",
        "merge the two in Apollo, or give this one an address or company that tells them apart",
        "whoever keeps the records in Apollo",
    ),
    VendorCode(
        "http-409", _D, "Apollo says that the record exists already",
        "merge the two in Apollo, or correct the value that makes them look the same",
        "whoever keeps the records in Apollo",
    ),
    VendorCode(
        "http-423", _L, "somebody else was writing the record", "nothing; it is tried again, with growing pauses",
        NOBODY,
    ),
    VendorCode(
        "http-425", _T, "Apollo was not ready for it", "nothing; it is tried again, with growing pauses", NOBODY,
    ),
)  # fmt: skip

CODES = CodeTable(*_ABSENT, *_VALUES, *_ACCESS, *_OTHERS)
