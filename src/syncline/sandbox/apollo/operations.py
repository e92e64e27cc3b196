"""The table of operations: method, path, the name keys know it by, the scope tokens need, and who answers."""

from collections.abc import Mapping
from typing import Any, Protocol

from syncline.sandbox.apollo.access import out_of_scope
from syncline.sandbox.apollo.account_calls import AccountCalls
from syncline.sandbox.apollo.contact_bulk import ContactBulk
from syncline.sandbox.apollo.contact_calls import ContactCalls
from syncline.sandbox.apollo.deal_stages import DealStages
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.opportunity_calls import OpportunityCalls
from syncline.sandbox.apollo.search import Search
from syncline.sandbox.apollo.stages import Stages
from syncline.sandbox.apollo.users import Users
from syncline.sandbox.apollo.wire import TOO_MANY_FIELDS, Call, Handler, Operation


class Parts(Protocol):
    """What the operations need of the assembled stand-in."""

    search: Search
    contact_calls: ContactCalls
    contact_bulk: ContactBulk
    account_calls: AccountCalls
    opportunity_calls: OpportunityCalls
    deal_stages: DealStages
    stages: Stages
    fields: Fields
    labels: Labels
    users: Users


def operations(parts: Parts, usage: Handler) -> list[Operation]:
    """Every operation; `usage` answers with the statistics of use of all of them."""
    return [*_of_contacts(parts), *_of_accounts(parts), *_of_deals(parts), *_of_team(parts, usage)]


def _of_contacts(parts: Parts) -> list[Operation]:
    calls, bulk, one = parts.contact_calls, parts.contact_bulk, "/contacts/{contact_id}"
    return [
        _op(
            "POST", "/contacts/search", "contacts/search", "contacts_search", parts.search.contacts, paid=True
        ),
        _op("POST", "/contacts/bulk_create", "contacts/bulk_create", "contacts_bulk_create", bulk.create),
        _op("POST", "/contacts/bulk_update", "contacts/bulk_update", "contacts_bulk_update", bulk.update),
        _op(
            "POST",
            "/contacts/update_stages",
            "contacts/update_stages",
            "contact_stages_update",
            calls.update_stages,
        ),
        _op(
            "POST",
            "/contacts/update_owners",
            "contacts/update_owners",
            "contact_owners_update",
            calls.update_owners,
        ),
        _op("POST", "/contacts", "contacts/create", "contact_write", calls.create),
        _op("GET", one, "contacts/show", "contact_read", calls.show),
        _op("PATCH", one, "contacts/update", "contact_update", calls.update),
        _op("PUT", one, "contacts/update", "contact_update", calls.update),
        _op("DELETE", one, "contacts/destroy", None, _never_granted),
        _op(
            "GET",
            "/contact_stages",
            "contact_stages/index",
            "contact_stages_list",
            parts.stages.list_contact_stages,
        ),
    ]


def _of_accounts(parts: Parts) -> list[Operation]:
    calls, one = parts.account_calls, "/accounts/{id}"
    return [
        _op(
            "POST", "/accounts/search", "accounts/search", "accounts_search", parts.search.accounts, paid=True
        ),
        _op(
            "POST", "/accounts/bulk_create", "accounts/bulk_create", "account_bulk_create", calls.bulk_create
        ),
        _op(
            "POST",
            "/accounts/bulk_update",
            "accounts/bulk_update",
            "account_stages_update",
            calls.bulk_update,
        ),
        _op(
            "POST",
            "/accounts/update_owners",
            "accounts/update_owners",
            "account_owners_update",
            calls.update_owners,
        ),
        _op("POST", "/accounts", "accounts/create", "account_write", calls.create),
        _op("GET", one, "accounts/show", "account_read", calls.show),
        _op("PATCH", one, "accounts/update", "account_update", calls.update),
        _op("PUT", one, "accounts/update", "account_update", calls.update),
        _op(
            "GET",
            "/account_stages",
            "account_stages/index",
            "account_stages_list",
            parts.stages.list_account_stages,
        ),
    ]


def _of_deals(parts: Parts) -> list[Operation]:
    calls, one = parts.opportunity_calls, "/opportunities/{opportunity_id}"
    listing = "opportunities_list"
    return [
        _deal_op("GET", "/opportunities/search", "opportunities/search", listing, calls.search, paid=True),
        _deal_op("POST", "/opportunities/search", "opportunities/search", listing, calls.search, paid=True),
        _deal_op("POST", "/opportunities", "opportunities/create", "opportunity_write", calls.create),
        _deal_op("GET", one, "opportunities/show", "opportunity_read", calls.show),
        _deal_op("PATCH", one, "opportunities/update", "opportunity_update", calls.update),
        _deal_op(
            "GET",
            "/opportunity_stages",
            "opportunity_stages/index",
            "opportunity_stages_list",
            parts.deal_stages.list_stages,
        ),
        _deal_op(
            "GET",
            "/opportunity_pipelines",
            "opportunity_pipelines/index",
            "opportunity_stages_list",
            parts.deal_stages.list_pipelines,
        ),
    ]


def _of_team(parts: Parts, usage: Handler) -> list[Operation]:
    lists, fields, users = parts.labels, parts.fields, parts.users
    add, remove = "add_entity_ids_to_label_names", "remove_entity_ids_from_label_names"
    return [
        Operation("GET", "/auth/health", "api/v1/auth/health", None, _logged_in, open=True),
        _op("GET", "/users/search", "users/search", "users_list", users.search, paid=True),
        _op("GET", "/users/api_profile", "users/api_profile", "read_user_profile", users.profile),
        _field_op("GET", "index", "custom_fields_list", fields.index),
        _field_op("POST", "create", "custom_field_write", fields.create),
        _field_op("PATCH", "update", "custom_field_write", fields.update),
        _op(
            "GET",
            "/typed_custom_fields",
            "typed_custom_fields/index",
            "custom_fields_list",
            fields.index_typed,
        ),
        _op("GET", "/labels", "labels/index", "tags_list", lists.index),
        _list_op("POST", "/labels", "create", "lists_create", lists.create),
        _list_op("PATCH", "/labels/{id}", "update", "lists_update", lists.update),
        _list_op("POST", f"/labels/{add}", add, "lists_add_entities", lists.add_entities),
        _list_op("POST", f"/labels/{remove}", remove, "lists_remove_entities", lists.remove_entities),
        _op(
            "GET", "/phone_calls/search", "phone_calls/search", "phone_call_search", users.calls, master=True
        ),
        _op(
            "POST",
            "/usage_stats/api_usage_stats",
            "usage_stats/api_usage_stats",
            "api_usage_stats_read",
            usage,
        ),
    ]


def _op(
    method: str,
    path: str,
    action: str,
    token_scope: str | None,
    handler: Handler,
    *,
    paid: bool = False,
    master: bool = False,
) -> Operation:
    return Operation(method, path, f"api/v1/{action}", token_scope, handler, paid=paid, master=master)


def _deal_op(
    method: str, path: str, action: str, token_scope: str, handler: Handler, *, paid: bool = False
) -> Operation:
    """An operation on deals, whose names have a prefix of their own."""
    return Operation(method, path, f"deals/api/v1/{action}", token_scope, handler, paid=paid)


def _list_op(method: str, path: str, action: str, token_scope: str, handler: Handler) -> Operation:
    """An operation on lists, whose 429 text names the action instead of the path."""
    scope = f"api/v1/labels/{action}"
    return Operation(method, path, scope, token_scope, handler, named=scope)


def _field_op(method: str, action: str, token_scope: str, handler: Handler) -> Operation:
    """An operation on fields, whose 429 has a text of its own."""
    scope = f"api/v1/fields/{action}"
    return Operation(method, "/fields", scope, token_scope, handler, too_many=TOO_MANY_FIELDS)


def _logged_in(call: Call) -> Mapping[str, bool]:
    return {"healthy": True, "is_logged_in": bool(call.params["known"])}


def _never_granted(_call: Call) -> Any:
    """Contacts have a delete inside the product, which no key was ever seen to be given."""
    raise out_of_scope("api/v1/contacts/destroy")
