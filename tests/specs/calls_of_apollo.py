"""Calls that visit every operation of the Apollo sandbox, with answers of success and of refusal."""

from typing import Any

from syncline.sandbox.coverage import Coverage
from tests.contract.salesforce_consent import ConsentPage
from tests.specs.caller import Caller

API = "/api/v1"
FREE = {"/", "/oauth/authorize", f"{API}/auth/health", f"{API}/oauth/token"}
"""Called without a key, and without limit."""
NOBODY = "66e34b81740c50074e3d1bd4"
PERSON = {
    "first_name": "Ines",
    "last_name": "Calder",
    "email": "ines@calder-works.example",
    "title": "Buyer",
    "website_url": "https://calder-works.example",
    "organization_name": "Calder Works",
    "direct_phone": "(202) 555-0149",
    "mobile_phone": "(202) 555-0150",
    "present_raw_address": "Austin, TX",
    "label_names": ["Spring fair"],
}


def visit(call: Caller, covered: list[Coverage]) -> None:
    """Every call of the list; the plan of the team ends as it began."""
    people = _contacts(call)
    companies = _accounts(call)
    visit_deals(call, companies[0])
    _team(call)
    _lists(call, people, companies)
    _refusals(call, covered)


def _contacts(call: Caller) -> list[str]:
    field = _field(call, "contact")
    stage = _stages(call, "contact")[1]
    one = call.ask("POST", f"{API}/contacts", {**PERSON, "typed_custom_fields": {field: "Gold"}})["contact"]
    path = f"{API}/contacts/{one['id']}"
    call.ask("POST", f"{API}/contacts", {**PERSON, "title": "Chief Buyer", "run_dedupe": True})
    call.ask("GET", path)
    call.ask("PATCH", path, {"title": "Head of Buying", "home_phone": "(202) 555-0151"})
    call.ask("PUT", path, {"title": "Head of Purchase"})
    many = [
        {"first_name": "Bulk", "last_name": f"Person {n}", "email": f"bulk{n}@mill.example"} for n in range(4)
    ]
    many[0]["salesforce_id"] = "003000000000001AAA"
    whole = {"contacts": many, "run_dedupe": True, "append_label_names": ["Autumn fair"]}
    made = call.ask("POST", f"{API}/contacts/bulk_create", whole)["created_contacts"]
    call.ask("POST", f"{API}/contacts/bulk_create", whole)
    ids = [one["id"], *(contact["id"] for contact in made)]
    call.ask("POST", f"{API}/contacts/bulk_update", {"contact_ids": ids, "title": "Guest"})
    each = [{"id": id_, "title": f"Guest {n}", "owner_id": _owner(call)} for n, id_ in enumerate(ids)]
    call.ask("POST", f"{API}/contacts/bulk_update", {"contact_attributes": each})
    call.ask("POST", f"{API}/contacts/bulk_update", {"contact_ids": ids, "title": "Friend", "async": True})
    query: dict[str, Any] = {"contact_ids[]": ids, "contact_stage_id": stage}
    call.ask("POST", f"{API}/contacts/update_stages", params=query)
    call.ask("POST", f"{API}/contacts/update_owners", params={"contact_ids[]": ids, "owner_id": _owner(call)})
    for body in (
        {"page": 1, "per_page": 25},
        {"q_keywords": "ines", "sort_by_field": "contact_updated_at", "sort_ascending": True},
        {"contact_stage_ids": [stage], "contact_label_ids": one["label_ids"], "page": 1, "per_page": 100},
    ):
        call.ask("POST", f"{API}/contacts/search", body)
    return ids


def _accounts(call: Caller) -> list[str]:
    field = _field(call, "account")
    stage = _stages(call, "account")[1]
    sent = {"name": "Calder Works", "domain": "calder-works.example", "phone": "(202) 555-0140"}
    sent |= {"raw_address": "1 Main Street, Austin, TX 78701", "account_stage_id": stage}
    one = call.ask("POST", f"{API}/accounts", {**sent, "typed_custom_fields": {field: "Gold"}})["account"]
    path = f"{API}/accounts/{one['id']}"
    call.ask("GET", path)
    call.ask("PATCH", path, {"name": "Calder Works Ltd", "owner_id": _owner(call)})
    call.ask("PUT", path, {"name": "Calder Works plc"})
    many = [
        {"name": f"Mill {n}", "domain": f"mill{n}.example", "salesforce_id": f"00100000000000{n}AAA"}
        for n in range(4)
    ]
    whole = {"accounts": many, "run_dedupe": True, "append_label_names": ["Mills"]}
    made = call.ask("POST", f"{API}/accounts/bulk_create", whole)["created_accounts"]
    call.ask("POST", f"{API}/accounts/bulk_create", whole)
    ids = [one["id"], *(account["id"] for account in made)]
    call.ask("POST", f"{API}/accounts/bulk_update", {"account_ids": ids, "account_stage_id": stage})
    each = [{"id": id_, "name": f"Mill and Sons {n}"} for n, id_ in enumerate(ids)]
    call.ask("POST", f"{API}/accounts/bulk_update", {"account_attributes": each})
    call.ask(
        "POST", f"{API}/accounts/bulk_update", {"account_ids": ids, "account_stage_id": stage, "async": True}
    )
    call.ask("POST", f"{API}/accounts/update_owners", params={"account_ids[]": ids, "owner_id": _owner(call)})
    for body in (
        {"page": 1, "per_page": 25},
        {"q_organization_name": "mill", "sort_by_field": "account_updated_at", "sort_ascending": True},
        {"account_stage_ids": [stage], "page": 2, "per_page": 1},
    ):
        call.ask("POST", f"{API}/accounts/search", body)
    return ids


def visit_deals(call: Caller, company: str) -> None:
    """Every call on deals."""
    field = _field(call, "opportunity")
    stage = _stages(call, "opportunity")[1]
    sent = {"name": "Winter order", "account_id": company, "amount": "12000", "closed_date": "2027-03-31"}
    sent |= {"opportunity_stage_id": stage, "owner_id": _owner(call)}
    custom = {"typed_custom_fields": {field: "Gold"}}
    one = call.ask("POST", f"{API}/opportunities", {**sent, **custom})["opportunity"]
    path = f"{API}/opportunities/{one['id']}"
    call.ask("GET", path)
    call.ask("PATCH", path, {"name": "Winter order, larger", "amount": "18000", "closed_date": "2027-04-30"})
    for params in ({"page": 1, "per_page": 25}, {"sort_by_field": "amount", "page": 1, "per_page": 1}):
        call.ask("GET", f"{API}/opportunities/search", params=params)
    call.ask("POST", f"{API}/opportunities/search", {"opportunity_stage_ids": [stage], "page": 1})
    call.ask("GET", f"{API}/opportunity_pipelines")
    call.ask("GET", f"{API}/opportunities/{NOBODY}", expect=404)
    call.ask("GET", f"{API}/opportunities/12345", expect=422)
    call.ask("PATCH", f"{API}/opportunities/{NOBODY}", {"name": "Nobody's"}, expect=422)
    call.ask("POST", f"{API}/opportunities", {"name": ""}, expect=422)
    call.ask("POST", f"{API}/opportunities", {"name": "X", "owner_id": "12345"}, expect=422)


def _team(call: Caller) -> None:
    _tokens(call)
    _consent(call)
    call.ask("GET", f"{API}/auth/health")
    call.ask("GET", f"{API}/users/search", params={"page": 1, "per_page": 10})
    call.ask("GET", f"{API}/users/api_profile")
    call.ask("GET", f"{API}/users/api_profile", params={"include_credit_usage": "true"})
    for source in ("system", "custom", "crm_synced"):
        call.ask("GET", f"{API}/fields", params={"source": source})
    fields = call.ask("GET", f"{API}/fields")["fields"]
    custom = next(one["id"] for one in fields if one["label"] == "Colour of contact")
    call.ask("PATCH", f"{API}/fields", {"fields": [{"id": custom, "label": "Renamed field"}]})
    call.ask("GET", f"{API}/typed_custom_fields")
    call.ask("GET", f"{API}/phone_calls/search", params={"page": 1, "per_page": 10})
    call.ask("POST", f"{API}/usage_stats/api_usage_stats")


def _tokens(call: Caller) -> None:
    """A code for tokens, a call with one of them, a refresh, and a refusal."""
    held = call.proxy.sandbox.credentials
    app = {name: held[name] for name in ("client_id", "client_secret")}
    grant = call.control("/oauth/grant", **{"as": "code"})
    form = {"grant_type": "authorization_code", "code": grant["code"], "redirect_uri": grant["redirect_uri"]}
    pair = call.ask("POST", f"{API}/oauth/token", data={**app, **form}, headers={})
    bearer = {"authorization": f"Bearer {pair['access_token']}"}
    call.ask("POST", f"{API}/contacts/search", {"page": 1}, headers=bearer)
    call.ask("DELETE", f"{API}/contacts/{NOBODY}", headers=bearer, expect=403)
    again = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    call.ask("POST", f"{API}/oauth/token", data={**app, **again}, headers={})
    call.ask("POST", f"{API}/oauth/token", data={**app, **again}, headers={}, expect=400)
    call.ask("POST", f"{API}/oauth/token", data={}, headers={}, expect=401, wrong=True)


def _consent(call: Caller) -> None:
    """The pages a user meets on the way to a code; a form that was never shown cannot be sent."""
    wish = {
        "client_id": call.proxy.sandbox.credentials["client_id"],
        "redirect_uri": "https://syncline.example/oauth/callback",
        "response_type": "code",
        "state": "mark",
    }
    call.send("GET", "/", headers={})
    page = ConsentPage(call.send("GET", "/oauth/authorize", params=wish, headers={}))
    form = {**page.hidden, "decision": "allow"} | ({"user": page.chosen} if page.chosen else {})
    call.send("POST", "/oauth/authorize", data=form, headers={}, expect=302)
    call.send("POST", "/oauth/authorize", data={"decision": "allow"}, headers={}, expect=400, wrong=True)


def _lists(call: Caller, people: list[str], companies: list[str]) -> None:
    made = call.ask("POST", f"{API}/labels", {"name": "Winter fair", "modality": "contacts"})["label"]
    call.ask("PATCH", f"{API}/labels/{made['id']}", {"name": "Winter fairs"})
    add, remove = "add_entity_ids_to_label_names", "remove_entity_ids_from_label_names"
    for modality, ids in (("contacts", people), ("accounts", companies)):
        body = {"entity_ids": ids, "label_names": ["Winter fairs", "Guests"], "modality": modality}
        for action in (add, remove):
            call.ask("POST", f"{API}/labels/{action}", body)
            call.ask("POST", f"{API}/labels/{action}", {**body, "async": True})
            call.ask("POST", f"{API}/labels/{action}", {**body, "entity_ids": []})
    call.ask("GET", f"{API}/labels")


def _refusals(call: Caller, covered: list[Coverage]) -> None:
    _bad_values(call)
    kept = call.proxy.sandbox.control("GET", "/limits")
    guarded = [row for row in covered if row.path not in FREE]
    limited = {"x-api-key": str(call.proxy.sandbox.credentials["limited_api_key"])}
    strangers: list[dict[str, str]] = [{}, {"x-api-key": "nobody"}, {"authorization": "Bearer nobody"}]
    for row in guarded:
        for headers in strangers:
            call.ask(row.method, _filled(row), headers=headers, wrong=True, expect=401)
        call.ask(row.method, _filled(row), headers=limited, wrong=True, expect=None)
    call.control("/limits", minute=0)
    for row in guarded:
        call.ask(row.method, _filled(row), wrong=True, expect=429)
    call.control("/limits", plan="free")
    for plural in ("contacts", "accounts"):
        call.ask("POST", f"{API}/{plural}/search", {"page": 1}, expect=403)
    call.ask("GET", f"{API}/opportunities/search", expect=403)
    call.control("/limits", plan=kept["plan"])


def _bad_values(call: Caller) -> None:
    """Requests of the right shape that the values of the workspace make wrong."""
    for path in ("contacts", "accounts"):
        for method, body in (("GET", None), ("PATCH", {"typed_custom_fields": {}})):
            call.ask(method, f"{API}/{path}/{NOBODY}", body, expect=422)
        ids = {f"{path.removesuffix('s')}_ids": [NOBODY]}
        call.ask("POST", f"{API}/{path}/bulk_update", ids)
        call.ask("POST", f"{API}/{path}/bulk_update", {}, expect=422, wrong=True)
        call.ask("POST", f"{API}/{path}/update_owners", expect=422, wrong=True)
        call.ask("POST", f"{API}/{path}/search", {"sort_by_field": "nonsense"}, expect=422, wrong=True)
        call.ask("POST", f"{API}/{path}/search", {"page": 501, "per_page": 100}, expect=422)
        call.ask("POST", f"{API}/{path}/bulk_create", {path: [{}] * 101}, expect=422, wrong=True)
    call.ask("POST", f"{API}/accounts", {"phone": "1"}, expect=422)
    call.ask("POST", f"{API}/contacts", {"email": "no address"}, expect=422)
    call.ask("DELETE", f"{API}/contacts/{NOBODY}", expect=403)
    call.ask("POST", f"{API}/labels", {"name": "Winter fairs", "modality": "contacts"}, expect=422)
    call.ask("PATCH", f"{API}/labels/{NOBODY}", {"name": "Nobody's"}, expect=404)
    call.ask("POST", f"{API}/fields", {"label": "", "modality": "contact", "type": "string"}, expect=422)
    call.ask("PATCH", f"{API}/fields", {"fields": [{"id": f"contact.{NOBODY}", "label": "x"}]}, expect=422)
    call.ask("POST", f"{API}/contacts", headers={**call.headers, "content-type": "application/json"},
             content=b"{", expect=400, wrong=True)  # fmt: skip


def _filled(row: Coverage) -> str:
    return (
        row.path.replace("{contact_id}", NOBODY).replace("{opportunity_id}", NOBODY).replace("{id}", NOBODY)
    )


def _owner(call: Caller) -> str:
    return str(call.ask("GET", f"{API}/users/api_profile")["id"])


def _stages(call: Caller, kind: str) -> list[str]:
    return [stage["id"] for stage in call.ask("GET", f"{API}/{kind}_stages")[f"{kind}_stages"]]


def _field(call: Caller, modality: str) -> str:
    """The id of a new custom field."""
    sent = {"label": f"Colour of {modality}", "modality": modality, "type": "string"}
    return str(call.ask("POST", f"{API}/fields", sent)["typed_custom_fields"][0]["id"])
