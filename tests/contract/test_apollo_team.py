"""The Apollo connector on the sandbox, in what the contract does not ask: accounts, users, limits, scopes, lag."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from syncline.connectors.apollo.connector import ApolloConnector, Options, connect
from syncline.connectors.apollo.reading import ReadOptions
from syncline.connectors.base import Change, Draft
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.errors import AccessError, AuthError, ConfigError, QuotaError
from syncline.core.model import ErrorClass, OutcomeStatus, Raw, Record
from syncline.testing.bench import SandboxClock
from syncline.testing.sandboxes import RunningSandbox, start_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo", dataset="60") as running:
        yield running


@pytest.fixture
def clock(sandbox: RunningSandbox) -> SandboxClock:
    return SandboxClock(sandbox)


@pytest.fixture
def apollo(sandbox: RunningSandbox, clock: SandboxClock) -> Iterator[ApolloConnector]:
    made = made_for(sandbox, clock)
    yield made
    made.close()


def made_for(
    sandbox: RunningSandbox, clock: SandboxClock, key: str = "api_key", **options: Any
) -> ApolloConnector:
    return ApolloConnector(
        sandbox.credentials.get(key, key),
        clock=clock,
        base_url=sandbox.base_url,
        options=Options(timeout=5, **options),
    )


def values_of(apollo: ApolloConnector, object_type: str, id_: str) -> Mapping[str, Raw]:
    (record,) = apollo.fetch(object_type, [id_], list(apollo.describe(object_type).fields))
    return record.values


def create(apollo: ApolloConnector, object_type: str, **values: Raw) -> Record:
    (outcome,) = apollo.create(object_type, [Draft("1", values)])
    assert outcome.status is OutcomeStatus.APPLIED, outcome
    assert outcome.record is not None
    return outcome.record


def update(apollo: ApolloConnector, object_type: str, id_: str, **values: Raw) -> Record:
    (outcome,) = apollo.update(object_type, [Change(id_, values)])
    assert outcome.status is OutcomeStatus.APPLIED, outcome
    assert outcome.record is not None
    return outcome.record


def ids_of(apollo: ApolloConnector, object_type: str) -> list[str]:
    pages = apollo.changes(object_type, None, ["name"])
    return [record.ref.remote_id for page in pages for record in page.records]


@pytest.mark.proves("C3")
def test_a_master_key_lacks_nothing(apollo: ApolloConnector) -> None:
    report = apollo.check()
    assert report.missing == ()
    assert report.user.endswith("@example.com>")
    written = ("account", "contact", "opportunity")
    assert (report.readable, report.writable) == ((*written, "user"), written)


@pytest.mark.proves("C3")
def test_the_probes_of_a_check_change_nothing(sandbox: RunningSandbox, apollo: ApolloConnector) -> None:
    before = [sandbox.control("GET", f"/records/{name}?limit=1000") for name in ("contacts", "accounts")]
    apollo.check()
    assert before == [
        sandbox.control("GET", f"/records/{name}?limit=1000") for name in ("contacts", "accounts")
    ]


@pytest.mark.proves("C3")
def test_a_limited_key_is_told_what_it_lacks(sandbox: RunningSandbox, clock: SandboxClock) -> None:
    limited = made_for(sandbox, clock, "limited_api_key")
    report = limited.check()
    assert report.readable == ("account", "contact")
    assert report.writable == ()
    assert {"api/v1/users/search", "api/v1/contacts/bulk_create"} <= set(report.missing)
    assert not [name for name in limited.describe("contact").fields if name.startswith("custom.")]
    assert limited.describe("contact").fields["contact_stage_id"].options
    assert ids_of(limited, "contact")
    with pytest.raises(AccessError, match="users/search"):
        ids_of(limited, "user")
    (outcome,) = limited.create("contact", [Draft("1", {"email": "a@nobody.example"})])
    assert outcome.failure is not None
    assert outcome.failure.error_class is ErrorClass.PERMISSION
    limited.close()


@pytest.mark.proves("C3")
def test_a_wrong_key_is_told_in_plain_words(sandbox: RunningSandbox, clock: SandboxClock) -> None:
    stranger = made_for(sandbox, clock, "no-such-key")
    with pytest.raises(AuthError, match="does not accept") as caught:
        stranger.check()
    assert "no-such-key" not in str(caught.value)
    with pytest.raises(AuthError, match="Invalid API key"):
        stranger.describe("contact")
    stranger.close()


@pytest.mark.proves("M1")
def test_an_access_token_acts_as_its_user_within_its_scopes(
    sandbox: RunningSandbox, clock: SandboxClock
) -> None:
    user = sandbox.control("GET", "/records/users")["records"][1]
    wish = {"user": user["id"], "scopes": ["contacts_search", "contact_read", "contact_stages_list"]}
    token = sandbox.control("POST", "/oauth/grant", wish)["access_token"]
    settings = {"base_url": sandbox.base_url, "credentials": {"access_token": token}}
    apollo = connect(settings, clock, MemoryTokenStore())
    report = apollo.check()
    assert user["email"] in report.user
    assert (report.readable, report.writable) == (("contact",), ())
    assert "api/v1/contacts/bulk_create" in report.missing
    sandbox.control("POST", "/oauth/expire", {"user": user["id"]})
    with pytest.raises(AuthError) as refusal:
        apollo.check()
    assert token not in str(refusal.value)
    with pytest.raises(AuthError) as refusal:
        next(apollo.changes("contact", None, ["email"]))
    assert token not in str(refusal.value)
    apollo.close()


def test_fields_are_described_with_options_and_labels(apollo: ApolloConnector) -> None:
    fields = apollo.describe("contact").fields
    custom = {field.label: field for field in fields.values() if field.custom}
    assert [option.label for option in custom["Lead Source"].options][:2] == ["Web", "Phone Inquiry"]
    assert custom["Nickname"].length == 40
    stage = fields["contact_stage_id"].option("interested")
    assert stage is not None
    assert stage.label == "Interested"
    assert fields["owner_id"].refers_to == ("user",)


def test_an_account_is_created_changed_and_cleared(apollo: ApolloConnector) -> None:
    stages = apollo.describe("account").fields["account_stage_id"].options
    made = create(
        apollo,
        "account",
        name="Probe One",
        domain="https://WWW.Probe-One.example/about",
        phone="(415) 555-0101",
        raw_address="Lyon, France",
        account_stage_id=stages[1].value,
    )
    id_ = made.ref.remote_id
    assert (made.get("domain"), made.get("city"), made.get("country")) == (
        "probe-one.example",
        "Lyon",
        "France",
    )
    assert apollo.stored_as("account", "domain", "https://WWW.Probe-One.example/about") == "probe-one.example"
    changed = update(apollo, "account", id_, name="Probe 1", phone="", raw_address=None)
    assert (changed.get("name"), changed.get("phone"), changed.get("raw_address")) == ("Probe 1", None, None)
    shown = values_of(apollo, "account", id_)
    assert (shown["name"], shown["phone"], shown["raw_address"], shown["city"]) == (
        "Probe 1",
        None,
        None,
        None,
    )
    assert shown["account_stage_id"] == stages[1].value


def test_accounts_are_changed_in_one_call(apollo: ApolloConnector) -> None:
    made = [create(apollo, "account", name=f"Many {n}", domain=f"many{n}.example") for n in range(5)]
    users = ids_of(apollo, "user")
    before = sum(apollo.calls_made().values())
    changes = [
        Change(r.ref.remote_id, {"name": f"Much {n}", "owner_id": users[0]}) for n, r in enumerate(made)
    ]
    outcomes = apollo.update("account", changes)
    assert [o.record.get("name") if o.record else None for o in outcomes] == [f"Much {n}" for n in range(5)]
    assert sum(apollo.calls_made().values()) - before == 1
    outcomes = apollo.update("account", [Change(r.ref.remote_id, {"owner_id": users[1]}) for r in made])
    assert apollo.calls_made()["POST /accounts/update_owners"] == 1
    assert values_of(apollo, "account", made[3].ref.remote_id)["owner_id"] == users[1]


def test_an_account_that_exists_is_found_and_a_namesake_is_not_taken_for_it(apollo: ApolloConnector) -> None:
    made = create(apollo, "account", name="Twice Inc", domain="twice.example")
    same, other = apollo.create(
        "account",
        [
            Draft("1", {"name": "Another name", "domain": "www.Twice.example"}),
            Draft("2", {"name": "twice inc", "domain": "once.example"}),
        ],
    )
    assert same.status is OutcomeStatus.EXISTING
    assert same.record is not None
    assert same.record.ref == made.ref
    assert same.record.get("name") == "Twice Inc"
    assert other.failure is not None
    assert (other.failure.error_class, other.failure.existing) == (ErrorClass.DUPLICATE, made.ref)


def test_accounts_are_found_by_name(apollo: ApolloConnector) -> None:
    made = [
        create(apollo, "account", name=name, domain=f"{name[:7].strip()}{len(name)}.example")
        for name in ("Sought", "Sought Too")
    ]
    found = apollo.find("account", "name", ["  sought ", "nobody"], ["name", "domain"])
    assert [record.ref for record in found] == [made[0].ref]
    with pytest.raises(ValueError, match="cannot be found by domain"):
        apollo.find("account", "domain", ["sought.example"], ["name"])


def test_a_deleted_contact_is_told_apart_from_nobody(
    sandbox: RunningSandbox, apollo: ApolloConnector
) -> None:
    contact = create(apollo, "contact", email="leaves@here.example").ref
    account = create(apollo, "account", name="Leaves", domain="leaves.example").ref
    for type_, ref in (("contacts", contact), ("accounts", account)):
        sandbox.control("POST", "/delete", {"type": type_, "id": ref.remote_id})
    (gone,) = apollo.fetch("contact", [contact.remote_id, "5f" * 12], ["email"])
    assert (gone.ref, gone.deleted, gone.values) == (contact, True, {})
    assert apollo.fetch("account", [account.remote_id], ["name"]) == []


def test_phones_and_lists_are_written_and_cleared(apollo: ApolloConnector) -> None:
    made = create(
        apollo,
        "contact",
        email="phones@here.example",
        direct_phone="+1 415 555 0101",
        mobile_phone="0049 30 1234567",
        label_names=["Probe list", "Another"],
    )
    assert made.get("direct_phone") == "+1 415 555 0101"
    assert made.get("mobile_phone") == "0049 30 1234567"
    assert made.get("label_names") == ["Another", "Probe list"]
    id_ = made.ref.remote_id
    changed = update(
        apollo, "contact", id_, direct_phone="", label_names=["Probe list"], corporate_phone="030 99"
    )
    assert (changed.get("direct_phone"), changed.get("corporate_phone")) == (None, "030 99")
    shown = values_of(apollo, "contact", id_)
    assert (shown["direct_phone"], shown["mobile_phone"]) == (None, "0049 30 1234567")
    assert shown["label_names"] == ["Probe list"]
    assert update(apollo, "contact", id_, label_names=None).get("label_names") == []


def test_custom_fields_are_written_in_their_types(apollo: ApolloConnector) -> None:
    fields = apollo.describe("contact").fields
    by_label = {field.label: name for name, field in fields.items() if field.custom}
    source, topics, nickname = (by_label[label] for label in ("Lead Source", "Interests", "Nickname"))
    chosen = [option.value for option in fields[topics].options][:2]
    web = fields[source].options[0].value
    values: dict[str, Raw] = {source: web, topics: chosen, nickname: "y" * 50}
    made = create(apollo, "contact", email="custom@here.example", **values)
    assert (made.get(source), made.get(topics)) == (web, chosen)
    assert made.get(nickname) == apollo.stored_as("contact", nickname, "y" * 50) == "y" * 40
    id_ = made.ref.remote_id
    (bad,) = apollo.update("contact", [Change(id_, {source: "no such option", "title": "went through"})])
    assert bad.failure is not None
    assert (bad.failure.error_class, bad.failure.fields) == (ErrorClass.VALIDATION, (source,))
    shown = values_of(apollo, "contact", id_)
    assert (shown[source], shown["title"]) == (web, "went through")
    assert update(apollo, "contact", id_, **{source: None, topics: []}).get(source) is None


def test_a_contact_found_by_another_of_its_addresses(
    sandbox: RunningSandbox, apollo: ApolloConnector
) -> None:
    made = create(apollo, "contact", email="main@here.example")
    more = [{"email": "second@here.example", "position": 1}]
    sandbox.control("POST", f"/records/contacts/{made.ref.remote_id}", {"contact_emails": more})
    (same,) = apollo.create("contact", [Draft("1", {"email": "Second@here.example"})])
    assert same.status is OutcomeStatus.EXISTING
    assert same.record is not None
    assert same.record.ref == made.ref
    assert same.record.get("other_emails") == ["second@here.example"]


def test_users_are_read_with_those_that_left(sandbox: RunningSandbox, apollo: ApolloConnector) -> None:
    first, *_ = ids_of(apollo, "user")
    (record,) = apollo.fetch("user", [first], ["email", "active"])
    assert record.get("active") in {True, False}
    made = sandbox.control(
        "POST", "/records/users", {"first_name": "Lea", "last_name": "Ving", "email": "lea@example.com"}
    )
    sandbox.control("POST", "/delete", {"type": "users", "id": made["id"]})
    (gone,) = apollo.fetch("user", [made["id"]], ["name", "active", "email"])
    assert dict(gone.values) == {"name": "Lea Ving", "active": False, "email": "lea@example.com"}
    with pytest.raises(AccessError):
        apollo.update("user", [Change(first, {"title": "x"})])


def test_what_searches_show_late_is_read_late_and_not_lost(
    sandbox: RunningSandbox, clock: SandboxClock
) -> None:
    apollo = made_for(sandbox, clock, reading=ReadOptions(overlap=timedelta(minutes=5)))
    slow, quick = (
        create(apollo, "contact", email=f"{name}@lag.example").ref.remote_id for name in ("slow", "quick")
    )
    cursor = [page.cursor for page in apollo.changes("contact", None, ["title"])][-1]
    sandbox.control("POST", "/search_lag", {"seconds": 30})
    sandbox.control("POST", f"/records/contacts/{slow}", {"title": "seen late"})
    sandbox.control("POST", "/search_lag", {"seconds": 0})
    clock.sleep(10)
    sandbox.control("POST", f"/records/contacts/{quick}", {"title": "seen at once"})
    shown: dict[str, Raw] = {}
    for _ in range(2):
        pages = list(apollo.changes("contact", cursor, ["title"]))
        cursor = pages[-1].cursor
        shown |= {r.ref.remote_id: r.values["title"] for page in pages for r in page.records}
        clock.sleep(31)
    assert shown == {slow: "seen late", quick: "seen at once"}
    apollo.close()


@pytest.mark.proves("C6")
def test_a_share_of_the_limits_is_kept(sandbox: RunningSandbox, clock: SandboxClock) -> None:
    sandbox.control("POST", "/limits", {"minute": 10, "hour": 20})
    apollo = made_for(sandbox, clock)
    start = clock.now()
    for _ in range(16):
        apollo.fetch("contact", ["5f" * 12], ["email"])
    assert timedelta(seconds=50) < clock.now() - start < timedelta(seconds=80)
    with pytest.raises(QuotaError, match="per hour") as caught:
        apollo.fetch("contact", ["5f" * 12], ["email"])
    assert caught.value.until is not None
    assert caught.value.until - start > timedelta(minutes=50)
    assert ids_of(apollo, "account")
    sandbox.control("POST", "/limits", {"plan": "demo"})
    apollo.close()


def test_a_connection_is_made_from_its_settings(sandbox: RunningSandbox, clock: SandboxClock) -> None:
    settings = {
        "system": "apollo",
        "base_url": sandbox.base_url,
        "credentials": {"api_key": sandbox.credentials["api_key"]},
        "options": {
            "page_size": 7,
            "overlap": "60",
            "sweep_hours": 1,
            "account_details": False,
            "timeout": 3,
        },
    }
    apollo = connect(settings, clock, MemoryTokenStore())
    assert len(next(apollo.changes("contact", None, ["email"])).records) == 7
    apollo.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": {"page_size": 1000}},
        {"options": {"overlap": "soon"}},
        {"options": {"timeout": 0}},
        {"base_url": "http://apollo.example"},
        {"credentials": {"api_key": "k", "access_token": "t"}},
        {"base_url": "https://169.254.169.254/api"},
    ],
)
def test_settings_that_make_no_sense_are_refused(clock: SandboxClock, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        connect({"system": "apollo", "credentials": {"api_key": "k"}, **wrong}, clock, MemoryTokenStore())
