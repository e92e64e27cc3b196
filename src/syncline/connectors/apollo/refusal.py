"""What Apollo's refusals mean for one record, and what trouble with the connection means for those not sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from syncline.connectors.apollo.client import ApolloClient, error_text
from syncline.connectors.apollo.codes import CODES
from syncline.connectors.apollo.objects import CUSTOM
from syncline.connectors.codes import UNKNOWN
from syncline.connectors.http import Reply
from syncline.core import errors
from syncline.core.errors import ProtocolError
from syncline.core.model import ErrorClass, Failure, Raw, Ref

_BAD_ID = re.compile(r"misconfigured\. (.+) is not a valid ID")


def failure(client: ApolloClient, reply: Reply, remote_id: str | None, values: Mapping[str, Raw]) -> Failure:
    """The failure of a record that was refused alone; the fields are named where the answer lets them be told."""
    text = error_text(reply)
    message = client.redact(text) or f"Apollo answered HTTP {reply.status}."
    return Failure(_class(reply, text, remote_id), _code(reply), message, _blamed(reply, text, values))


HELD_BACK = Failure(
    ErrorClass.TRANSIENT,
    errors.HELD_BACK,
    "Apollo refused the calls with this record for the sake of others, and no calls were left for it alone.",
)
NO_SENSE = Failure(
    ErrorClass.TRANSIENT,
    ProtocolError.code,
    "Apollo's answer to the create does not tell what became of the record.",
)


def custom_failure(row: Mapping[str, Any], names: Collection[str], client: ApolloClient) -> Failure | None:
    """The failure of custom values that Apollo left out: it takes the record and notes what did not fit."""
    noted = row.get("custom_field_errors")
    if not isinstance(noted, dict):
        return None
    bad = [name for name in names if name.startswith(CUSTOM) and noted.get(name[len(CUSTOM) :])]
    if not bad:
        return None
    message = "; ".join(client.redact(str(noted[name[len(CUSTOM) :]])) for name in bad)
    return Failure(ErrorClass.VALIDATION, "custom-field", message, tuple(bad))


def named_ids(reply: Reply, ids: Collection[str]) -> set[str]:
    """The records of a batch that an answer blames by id."""
    data = reply.data if isinstance(reply.data, dict) else {}
    deleted, details = data.get("deleted_contact_ids"), data.get("error_details")
    named = list(deleted) if isinstance(deleted, list) else []
    if isinstance(details, dict):
        named += [details.get("contact_id"), details.get("account_id")]
    if bad := _BAD_ID.search(error_text(reply)):
        named.append(bad.group(1))
    return {id_ for id_ in named if isinstance(id_, str)} & set(ids)


def blames(reply: Reply, value: object) -> bool:
    """Whether an answer calls a value no valid id."""
    bad = _BAD_ID.search(error_text(reply))
    return bad is not None and bad.group(1) == value


def quotes(reply: Reply, values: Mapping[str, Raw]) -> bool:
    """Whether an answer calls one of some values no valid id."""
    return any(blames(reply, value) for value in values.values())


def namesake(object_type: str, existing: Ref) -> Failure:
    """The failure of a create for which Apollo found a record that only has the same name."""
    message = (
        f"Apollo takes it for the {object_type} {existing.remote_id} of that name, whose address is another."
    )
    return Failure(ErrorClass.DUPLICATE, "namesake", message, existing=existing)


def _class(reply: Reply, text: str, remote_id: str | None) -> ErrorClass:
    status = f"http-{reply.status}"
    known = CODES.find(_code(reply), text) or CODES.find(status, text) or UNKNOWN
    gone = known.error_class is ErrorClass.GONE or (remote_id is not None and blames(reply, remote_id))
    if gone:  # nothing of a record that does not exist yet can be gone: it is one it refers to
        return ErrorClass.GONE if remote_id is not None else ErrorClass.VALIDATION
    return known.error_class


def _code(reply: Reply) -> str:
    code = reply.data.get("error_code") if isinstance(reply.data, dict) else None
    return code[:100] if isinstance(code, str) and code else f"http-{reply.status}"


def _blamed(reply: Reply, text: str, values: Mapping[str, Raw]) -> tuple[str, ...]:
    """The field the answer names, or whose value it quotes, or the only one there is."""
    details = reply.data.get("error_details") if isinstance(reply.data, dict) else None
    if isinstance(details, dict) and details.get("field") in values:
        return (str(details["field"]),)
    if bad := _BAD_ID.search(text):
        return tuple(name for name, value in values.items() if value == bad.group(1))
    return tuple(values) if len(values) == 1 else ()


def gone(object_type: str, remote_id: str) -> Failure:
    """The failure of a change of a record that Apollo does not have, or does not show to this key."""
    return Failure(ErrorClass.GONE, "gone", f"Apollo has no {object_type} {remote_id} any more.")
