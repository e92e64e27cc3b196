"""Calls that visit every operation of the Salesforce sandbox, with answers of success and of refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from syncline.sandbox.coverage import Coverage
from tests.contract.salesforce_consent import CALLBACK, ConsentPage
from tests.specs.caller import Caller

VERSION = "/services/data/v60.0"
OAUTH = "/services/oauth2"
WRITABLE = {
    "Account": {"Name": "Calder Works", "Website": "calder-works.example"},
    "Contact": {"FirstName": "Ines", "LastName": "Calder", "Email": "ines@calder-works.example"},
    "Lead": {
        "FirstName": "Otto",
        "LastName": "Brandt",
        "Company": "Brandt Mills",
        "Email": "otto@brandt.example",
    },
}
CHANGES = {"Account": {"Phone": "2025550140"}, "Contact": {"Title": "Buyer"}, "Lead": {"Title": "Buyer"}}
NOBODY = {"Account": "001000000000000AAA", "Contact": "003000000000000AAA", "Lead": "00Q000000000000EAA"}


def sign_in(call: Caller) -> None:
    """Take a token by client credentials."""
    held = call.proxy.sandbox.credentials
    form = {"grant_type": "client_credentials", "client_id": held["client_id"]}
    form["client_secret"] = held["client_secret"]
    token = call.ask("POST", f"{OAUTH}/token", headers={}, data=form)["access_token"]
    call.headers["authorization"] = f"Bearer {token}"


def visit(call: Caller, covered: list[Coverage]) -> None:
    """Every call of the list."""
    sign_in(call)
    _web_server_flow(call)
    _org(call)
    ids = {object_: _one(call, object_) for object_ in WRITABLE}
    _queries(call)
    _collections(call, ids)
    _composite(call, ids)
    _by_key(call)
    _changes(call)
    _picklists(call)
    _refusals(call, ids, covered)
    for object_ in ("Contact", "Lead", "Account"):
        call.ask("DELETE", f"{VERSION}/sobjects/{object_}/{ids[object_]}", expect=204)
        call.ask("GET", f"{VERSION}/sobjects/{object_}/{ids[object_]}", expect=404)


def _web_server_flow(call: Caller) -> None:
    """A person allows the app, which takes tokens, refreshes them, asks about one and gives them back."""
    held = call.proxy.sandbox.credentials
    app = {name: held[name] for name in ("client_id", "client_secret")}
    call.control("/connected_app", callbacks=[CALLBACK])
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": CALLBACK}
    page = ConsentPage(call.send("GET", f"{OAUTH}/authorize", params=asked, headers={}))
    form = {**page.hidden, "user": page.chosen, "decision": "allow"}
    back = call.send("POST", f"{OAUTH}/authorize", data=form, headers={}, expect=302).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    wish = {**app, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    tokens = call.ask("POST", f"{OAUTH}/token", data=wish, headers={})
    again = {**app, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    call.ask("POST", f"{OAUTH}/token", data=again, headers={})
    for token in tokens["access_token"], tokens["refresh_token"], "nobody's":
        call.ask("POST", f"{OAUTH}/introspect", data={**app, "token": token}, headers={})
    call.ask("GET", f"{OAUTH}/revoke", params={"token": tokens["access_token"]}, headers={})
    call.ask("POST", f"{OAUTH}/revoke", data={"token": tokens["refresh_token"]}, headers={}, expect=None)
    call.ask("POST", f"{OAUTH}/token", data=again, headers={}, expect=400)


def _by_key(call: Caller) -> None:
    """Records by an external id."""
    call.control("/fields", object="Contact", name="Fair_Key__c", type="string", external_id=True, length=24)
    one, many = (
        f"{VERSION}/sobjects/Contact/Fair_Key__c",
        f"{VERSION}/composite/sobjects/Contact/Fair_Key__c",
    )
    call.ask("PATCH", f"{one}/key-1", {"LastName": "Keyed"}, expect=201)
    call.ask("PATCH", f"{one}/key-1", {"Title": "Keeper"})
    call.ask("GET", f"{one}/key-1")
    row = {"attributes": {"type": "Contact"}, "LastName": "Keyed too", "Fair_Key__c": "key-2"}
    call.ask("PATCH", many, {"allOrNone": False, "records": [row, {**row, "Fair_Key__c": "key-1"}]})
    call.ask("DELETE", f"{one}/key-1", expect=204)
    call.ask("GET", f"{one}/key-1", expect=404)


def _changes(call: Caller) -> None:
    """What was changed and deleted in the last day."""
    end = datetime.now(UTC)
    window = {"start": (end - timedelta(days=1)).isoformat(), "end": end.isoformat()}
    for object_ in WRITABLE:
        for what in ("updated", "deleted"):
            call.ask("GET", f"{VERSION}/sobjects/{object_}/{what}/", params=window)
    backwards = {"start": window["end"], "end": window["start"]}
    call.ask("GET", f"{VERSION}/sobjects/Lead/updated", params=backwards, expect=400)


def _picklists(call: Caller) -> None:
    """The options of record types."""
    for object_ in WRITABLE:
        described = call.ask("GET", f"{VERSION}/sobjects/{object_}/describe")
        type_ = described["recordTypeInfos"][0]["recordTypeId"]
        path = f"{VERSION}/ui-api/object-info/{object_}/picklist-values/{type_}"
        found = call.ask("GET", path)["picklistFieldValues"]
        call.ask("GET", f"{path}/{next(iter(found))}")


def _org(call: Caller) -> None:
    call.ask("GET", "/services/data", headers={})
    for path in ("", "/limits", "/sobjects"):
        call.ask("GET", VERSION + path)
    for object_ in (*WRITABLE, "User", "RecordType"):
        call.ask("GET", f"{VERSION}/sobjects/{object_}")
        call.ask("GET", f"{VERSION}/sobjects/{object_}/describe")
    who = call.ask("GET", f"{OAUTH}/userinfo")
    call.ask("POST", f"{OAUTH}/userinfo")
    call.ask("GET", f"/id/{who['organization_id']}/{who['user_id']}")
    call.ask("GET", f"{VERSION}/sobjects/User/{who['user_id']}")
    call.ask("GET", f"{OAUTH}/revoke", params={"token": "nobody's"}, expect=400)


def _one(call: Caller, object_: str) -> str:
    path = f"{VERSION}/sobjects/{object_}"
    made: str = call.ask("POST", path, WRITABLE[object_], expect=201)["id"]
    call.ask("GET", f"{path}/{made}")
    call.ask("GET", f"{path}/{made}", params={"fields": "Name,SystemModstamp"})
    call.ask("PATCH", f"{path}/{made}", CHANGES[object_], expect=204)
    late = {"if-unmodified-since": "Mon, 30 Nov 2020 08:34:54 GMT", **call.headers}
    call.ask("PATCH", f"{path}/{made}", CHANGES[object_], headers=late, expect=412)
    fresh = {"if-modified-since": "Wed, 30 Nov 2044 08:34:54 GMT", **call.headers}
    call.ask("GET", f"{path}/{made}", headers=fresh, expect=304)
    return made


def _queries(call: Caller) -> None:
    call.control("/pages", size=2)
    for resource in ("query", "queryAll"):
        first = _query(call, "SELECT FIELDS(ALL) FROM Contact LIMIT 5", resource)
        call.ask("GET", first["nextRecordsUrl"])
        call.ask("GET", first["nextRecordsUrl"].replace("/query/", "/queryAll/"))
    call.control("/pages", size=None)
    for object_ in (*WRITABLE, "User", "RecordType"):
        _query(call, f"SELECT FIELDS(ALL) FROM {object_} LIMIT 5", "query")
    _query(call, "SELECT Id, Account.Name, Owner.Name FROM Contact LIMIT 3", "query")
    _query(call, "SELECT COUNT() FROM Contact", "query")


def _collections(call: Caller, ids: dict[str, str]) -> None:
    path = f"{VERSION}/composite/sobjects"
    rows = [{"attributes": {"type": "Lead"}, "LastName": f"Row {n}", "Company": "Rows"} for n in range(3)]
    bad: dict[str, Any] = {"attributes": {"type": "Lead"}, "LastName": "No company"}
    for strict in (False, True):
        answers = call.ask("POST", path, {"allOrNone": strict, "records": [*rows, bad]})
        made = [row["id"] for row in answers if row["success"]]
        changes = [{"attributes": {"type": "Lead"}, "id": id_, "Title": "Row"} for id_ in made]
        gone = {"attributes": {"type": "Lead"}, "id": NOBODY["Lead"], "Title": "Gone"}
        call.ask("PATCH", path, {"allOrNone": strict, "records": [*changes, gone]})
        call.ask("DELETE", path, params={"ids": ",".join([*made, NOBODY["Lead"]])})
    for object_, id_ in ids.items():
        wanted = {"ids": f"{id_},{NOBODY[object_]}", "fields": "Id,Name"}
        call.ask("GET", f"{path}/{object_}", params=wanted)
        call.ask("POST", f"{path}/{object_}", {name: text.split(",") for name, text in wanted.items()})


def _composite(call: Caller, ids: dict[str, str]) -> None:
    account = {"method": "POST", "url": f"{VERSION}/sobjects/Account", "referenceId": "company"}
    person = {
        "method": "PATCH",
        "url": f"{VERSION}/sobjects/Contact/{ids['Contact']}",
        "referenceId": "person",
    }
    read = {"method": "GET", "url": f"{VERSION}/sobjects/Contact/{ids['Contact']}", "referenceId": "read"}
    lost = {"method": "PATCH", "url": f"{VERSION}/sobjects/Lead/@{{nobody.id}}", "referenceId": "lost"}
    calls = [
        {**account, "body": {"Name": "Made in one go"}},
        {**person, "body": {"AccountId": "@{company.id}"}},
        read,
        {**lost, "body": {"Title": "Lost"}},
    ]
    for strict in (False, True):
        call.ask("POST", f"{VERSION}/composite", {"allOrNone": strict, "compositeRequest": calls})


def _refusals(call: Caller, ids: dict[str, str], covered: list[Coverage]) -> None:
    _bad_values(call, ids)
    stale = {"authorization": "Bearer nobody's"}
    for row in covered:
        if row.path.startswith("/services/data/"):
            call.ask(row.method, _filled(row), headers=stale, wrong=True, expect=401)
            call.ask(row.method, _filled(row, version="v25.0"), wrong=True, expect=410)
        elif "/oauth2/token" in row.path:
            call.ask(
                row.method, row.path, data={"grant_type": "password"}, headers={}, wrong=True, expect=400
            )
        elif "userinfo" in row.path or row.path.startswith("/id/"):
            call.ask(row.method, _filled(row), headers=stale, wrong=True, expect=403)
    used = call.control("/limits")
    call.control("/limits", max=0)
    for row in covered:
        if row.path.startswith("/services/data/"):
            call.ask(row.method, _filled(row), wrong=True, expect=403)
    call.control("/limits", max=used["max"])


def _bad_values(call: Caller, ids: dict[str, str]) -> None:
    """Requests of the right shape that the org refuses."""
    contact = f"{VERSION}/sobjects/Contact"
    call.ask("POST", contact, WRITABLE["Contact"], expect=400)  # a duplicate
    call.ask("POST", f"{VERSION.replace('60', '54')}/sobjects/Contact", WRITABLE["Contact"], expect=400)
    for values in (
        {},
        {"LastName": "L" * 81},
        {"LastName": "A", "Email": "none"},
        {"LastName": "A", "OwnerId": "x"},
    ):
        call.ask("POST", contact, values, expect=400)
    call.ask("POST", f"{VERSION}/sobjects/Account", {"Name": "A", "Industry": "No such trade"}, expect=400)
    call.ask("POST", contact, {"Nonsense": 1}, expect=400, wrong=True)
    call.ask("PATCH", f"{contact}/{ids['Contact']}", {"LastName": ""}, expect=400)
    call.ask("POST", contact, content=b"<a/>", headers={**call.headers, "content-type": "text/plain"}, expect=415,
             wrong=True)  # fmt: skip
    call.ask("POST", f"{contact}/{ids['Contact']}", {}, expect=405, wrong=True)
    for object_, id_ in NOBODY.items():
        for method in ("GET", "DELETE"):
            call.ask(method, f"{VERSION}/sobjects/{object_}/{id_}", expect=404)
    for text in ("SELECT", "SELECT Nonsense FROM Contact", "SELECT Id FROM Nonsense"):
        call.ask("GET", f"{VERSION}/query", params={"q": text}, expect=400)
    call.ask("GET", f"{VERSION}/query/01g000000000000AAA-2000", expect=400)
    call.ask("GET", f"{VERSION}/sobjects/Nonsense/describe", expect=404)


def _query(call: Caller, text: str, resource: str) -> Any:
    return call.ask("GET", f"{VERSION}/{resource}", params={"q": text})


def _filled(row: Coverage, version: str = "v60.0") -> str:
    filled = row.path.replace("{version}", version).replace("{object}", "Contact")
    return (
        filled.replace("{id}", NOBODY["Contact"])
        .replace("{locator}", "01g000000000000AAA-2000")
        .replace("{field}", "Id")
        .replace("{value}", NOBODY["Contact"])
    )
