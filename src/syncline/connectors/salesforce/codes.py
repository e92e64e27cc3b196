"""Salesforce's error codes as data: class, meaning, cure and who can.

The names stand in the enumerations of the partner WSDL and in Salesforce's pages on error codes; what each calls
for is our judgement. Codes for which the whole connection stops are errors of `core.errors` and not listed here.
"""

from __future__ import annotations

from syncline.connectors.codes import EDITOR, NOBODY, SETTINGS, CodeTable, VendorCode
from syncline.core.model import ErrorClass

_ADMIN = "the Salesforce administrator"
_AGAIN = "nothing; it is tried again, with growing pauses"
_DUPLICATES = "whoever keeps the records in Salesforce"
_CHECKED = "then `syncline connection test NAME`: it is tried again once the test has passed"
_T, _Q, _L = ErrorClass.TRANSIENT, ErrorClass.QUOTA, ErrorClass.LOCK
_V, _P, _D, _G = ErrorClass.VALIDATION, ErrorClass.PERMISSION, ErrorClass.DUPLICATE, ErrorClass.GONE

MAINTENANCE = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"

_PASSING = (
    VendorCode("UNABLE_TO_LOCK_ROW", _L, "somebody else was writing the record, or its account", _AGAIN, NOBODY),
    VendorCode(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", _L, "an automation of the organisation met a locked record",
        _AGAIN, NOBODY, says="unable_to_lock_row",
    ),
    VendorCode("SERVER_UNAVAILABLE", _T, "Salesforce was too busy", _AGAIN, NOBODY),
    VendorCode("QUERY_TIMEOUT", _T, "Salesforce took too long over it", _AGAIN, NOBODY),
    VendorCode("UNKNOWN_EXCEPTION", _T, "Salesforce failed and does not say at what", _AGAIN, NOBODY),
    VendorCode("TOO_MANY_APEX_REQUESTS", _T, "too many automations ran at once", _AGAIN, NOBODY),
    VendorCode(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", _T, "another record of the same call was refused",
        "mend the other record; this one is tried again", NOBODY,
    ),
    VendorCode(
        "PROCESSING_HALTED", _T, "a step before it in the same call was refused",
        "mend what was refused before it; this one is tried again", NOBODY,
    ),
    VendorCode(MAINTENANCE, _T, "Salesforce was in maintenance and could only be read", _AGAIN, NOBODY),
    VendorCode(
        "REQUEST_LIMIT_EXCEEDED", _T, "too many long calls ran at once", _AGAIN, NOBODY, says="concurrent",
    ),
    VendorCode(
        "REQUEST_LIMIT_EXCEEDED", _Q, "the organisation's calls of the last 24 hours are used up",
        "nothing; it is tried again when some are free, or buy more calls", _ADMIN,
    ),
)  # fmt: skip

_FULL = (
    VendorCode(
        "STORAGE_LIMIT_EXCEEDED", _Q, "the organisation's storage is full: nothing more can be created there",
        "delete records or buy storage; creates of this kind pause meanwhile and go on by themselves, or at once "
        "with `syncline errors retry`",
        _ADMIN, pauses=True,
    ),
    VendorCode(
        "LIMIT_EXCEEDED", _Q, "a limit of the organisation is reached",
        "look in Setup under Company Information which limit it is, and raise it; then `syncline errors retry`",
        _ADMIN,
    ),
)  # fmt: skip

_VALUES = (
    VendorCode(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", _V, "the field takes only its options, and this is none of them",
        "add the option in Salesforce, also to the record type, or map the value to another option; it is sent "
        "again by itself when the options of the field change", _ADMIN, by_hand=False,
    ),
    VendorCode(
        "INVALID_FIELD", _V, "the field is not there, or hidden from the integration user",
        f"make the field visible, or take its map out of the settings; {_CHECKED}", _ADMIN, by_test=True,
    ),
    VendorCode(
        "INVALID_FIELD_FOR_INSERT_UPDATE", _V, "the field cannot be written, or not by the integration user",
        f"make the field editable, or turn its map to the other direction; {_CHECKED}", _ADMIN, by_test=True,
    ),
    VendorCode(
        "REQUIRED_FIELD_MISSING", _V, "a field that Salesforce requires is empty",
        "fill the field where the record comes from, or map a field to it", EDITOR,
    ),
    VendorCode("STRING_TOO_LONG", _V, "the text is longer than the field", "shorten the text", EDITOR),
    VendorCode(
        "NUMBER_OUTSIDE_VALID_RANGE", _V, "the number has more digits than the field", "correct the number", EDITOR,
    ),
    VendorCode(
        "INVALID_EMAIL_ADDRESS", _V, "Salesforce does not take this as an e-mail address", "correct the address",
        EDITOR,
    ),
    VendorCode(
        "INVALID_TYPE_ON_FIELD_IN_RECORD", _V, "the value has another type than the field",
        "map the field to one of the same type, or correct the value", SETTINGS,
    ),
    VendorCode(
        "FIELD_INTEGRITY_EXCEPTION", _V, "the value does not fit another value of the record, or a list such as "
        "the organisation's states and countries",
        "correct the value, or the values it depends on", EDITOR,
    ),
    VendorCode(
        "JSON_PARSER_ERROR", _V, "Salesforce cannot read a value of this record",
        "correct the value that Salesforce quotes; the records sent with it went on", EDITOR,
    ),
    VendorCode(
        "MALFORMED_ID", _V, "the value is no id of Salesforce", "correct the reference that is named", EDITOR,
    ),
    VendorCode(
        "INVALID_ID_FIELD", _G, "no record has this id", "nothing; the next read tells what became of it", NOBODY,
    ),
    VendorCode(
        "REQUEST_TOO_LARGE", _V, "this one record is larger than Salesforce takes in a call",
        "shorten its longest text", EDITOR,
    ),
)  # fmt: skip

_RULES = (
    VendorCode(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", _V, "a validation rule of the organisation forbids it",
        "do as the rule's message says, or change the rule",
        "whoever edits the record, or the Salesforce administrator",
    ),
    VendorCode(
        "FIELD_FILTER_VALIDATION_EXCEPTION", _V, "a look-up filter does not allow this reference",
        "choose another record for it, or change the filter", _ADMIN,
    ),
    VendorCode(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", _V, "an automation of the organisation stopped it",
        "give the message to whoever wrote the automation", _ADMIN,
    ),
    VendorCode(
        "ENTITY_IS_LOCKED", _V, "the record waits for an approval and is locked so long",
        "approve or recall it in Salesforce, then `syncline errors retry`", _ADMIN,
    ),
    VendorCode(
        "DELETE_FAILED", _V, "other records or a rule keep the record from being deleted",
        "remove what the message names, then `syncline errors retry`", _ADMIN,
    ),
)  # fmt: skip

_ACCESS = (
    VendorCode(
        "INSUFFICIENT_ACCESS", _P, "the integration user may not do this", f"grant it in its profile, {_CHECKED}",
        _ADMIN,
    ),
    VendorCode(
        "INSUFFICIENT_ACCESS_OR_READONLY", _P, "the integration user may not change this record, or it is read-only",
        f"give the user the object's edit permission and a share of the record, {_CHECKED}", _ADMIN,
    ),
    VendorCode(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", _P,
        "the integration user may not see or use a record this one refers to",
        f"share that record with the user, {_CHECKED}", _ADMIN,
    ),
    VendorCode(
        "TRANSFER_REQUIRES_READ", _P, "the owner to be may not read the object",
        f"give the owner access, or pair the user with another, {_CHECKED}", _ADMIN,
    ),
    VendorCode(
        "INVALID_TYPE", _P, "the integration user does not see this object", f"grant it in its profile, {_CHECKED}",
        _ADMIN,
    ),
    VendorCode(
        "INACTIVE_OWNER_OR_USER", _P, "the owner to be is not active in Salesforce",
        "pair the user with an active one (`syncline users set`), or activate the user; " + _CHECKED, _ADMIN,
    ),
)  # fmt: skip

_DOUBLES = (
    VendorCode(
        "DUPLICATES_DETECTED", _D, "a duplicate rule of the organisation takes it for a record that is there",
        "merge the two in Salesforce, or correct the value that makes them look the same", _DUPLICATES,
    ),
    VendorCode(
        "DUPLICATE_VALUE", _D, "another record has this value in a field where it may stand once",
        "correct the value on one of the two, or merge them", _DUPLICATES,
    ),
    VendorCode(
        "DUPLICATE_EXTERNAL_ID", _D, "several records have this external id", "leave it to one of them", _DUPLICATES,
    ),
)  # fmt: skip

_ABSENT = (
    VendorCode(
        "ENTITY_IS_DELETED", _G, "the record was deleted or merged into another",
        "nothing; the next read tells which, and the link ends or moves; or restore it", NOBODY,
    ),
    VendorCode(
        "INVALID_CROSS_REFERENCE_KEY", _G, "the record, or one it refers to, is not there or not to be seen",
        "nothing; the next read tells; if it stays, share the record with the integration user", _ADMIN,
    ),
    VendorCode("NOT_FOUND", _G, "the record is not there any more", "nothing; the next read tells", NOBODY),
    VendorCode(
        "CANNOT_UPDATE_CONVERTED_LEAD", _G, "the lead was converted and cannot be changed any more",
        "nothing; the next read finds the contact it became", NOBODY,
    ),
)  # fmt: skip

CODES = CodeTable(*_PASSING, *_FULL, *_VALUES, *_RULES, *_ACCESS, *_DOUBLES, *_ABSENT)
