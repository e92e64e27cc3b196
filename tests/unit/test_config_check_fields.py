"""Maps are checked against what both systems say of their fields, stages and options."""

import pytest

from syncline.config import Finding, check, parse, raise_errors
from syncline.config.fit import Fit, fit
from syncline.core.errors import MappingError, UnknownFieldError
from syncline.core.model import Kind
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

HEAD = """version: 1
connections: {left: {system: memory}, right: {system: memory}}
syncs:
  main:
    left: left
    right: right
    kinds:
      person:
"""
STAGES = tuple(Option(f"id-{name}", name) for name in ("Cold", "Warm"))
STATUSES = (Option("New", "New"), Option("Working", "Working"), Option("Old", "Old", active=False))


def _schema(name: str, *fields: Field, kind: Kind = Kind.PERSON) -> dict[str, ObjectSchema]:
    return {name: ObjectSchema(name, kind, {f.name: f for f in fields})}


LEFT = _schema(
    "contact",
    Field("email", "E-mail", FieldType.EMAIL),
    Field("title", "Title", FieldType.TEXT, length=255),
    Field("city", "City", FieldType.TEXT, creatable=False, updatable=False),
    Field("stage", "Stage", FieldType.PICKLIST, restricted=True, options=STAGES),
    Field("born", "Born", FieldType.DATETIME),
    Field("owner", "Owner", FieldType.OWNER),
    Field("boss", "Boss", FieldType.REFERENCE),
    Field("friends", "Friends", FieldType.REFERENCE, several=True),
)
RIGHT = {
    **_schema(
        "Contact",
        Field("Id", "Id", FieldType.TEXT, creatable=False, updatable=False, required=True),
        Field("LastName", "Last Name", FieldType.TEXT, required=True, length=80),
        Field("Email", "Email", FieldType.EMAIL, length=80),
        Field("Title", "Title", FieldType.TEXT, length=128),
        Field("Status", "Status", FieldType.PICKLIST, restricted=True, options=STATUSES),
        Field("Birthdate", "Birthdate", FieldType.DATE),
        Field("Score", "Score", FieldType.NUMBER),
        Field("Source", "Source", FieldType.TEXT, updatable=False),
        Field("Boss", "Boss", FieldType.REFERENCE),
        Field("Friends", "Friends", FieldType.REFERENCE, several=True),
    ),
    **_schema("Account", Field("Name", "Name", FieldType.TEXT), kind=Kind.ACCOUNT),
}
NO_CREATES = "        create_right: {enabled: false}\n"
NAMED = "{left: title, right: LastName, direction: to_right, transform: upper}"


def _found(fields: str, more: str = "", right: str = "Contact", left: str = "contact") -> list[Finding]:
    text = f"{HEAD}        pairs: [{{left: {left}, right: {right}, fields: [{fields}]}}]\n{more}"
    return check(parse(text), {"left": LEFT, "right": RIGHT})


def _only(code: str, fields: str, more: str = NO_CREATES) -> Finding:
    findings = _found(fields, more)
    assert [f.code for f in findings] == [code], findings
    return findings[0]


def test_maps_that_fit_have_no_findings() -> None:
    assert _found("{left: email, right: Email}", NO_CREATES) == []


def test_without_schemas_only_names_are_checked() -> None:
    text = f"{HEAD}        pairs: [{{left: nope, right: Nope, fields: [{{left: a, right: B}}]}}]\n"
    assert check(parse(text)) == []
    assert [f.code for f in check(parse(text), {"left": LEFT})] == ["unknown-object-type"]


def test_an_unknown_field_is_told_with_the_nearest() -> None:
    finding = _only("unknown-field", "{left: emial, right: Email}")
    assert isinstance(finding.as_error(), UnknownFieldError)
    assert finding.place == "settings, line 9: syncs.main.kinds.person.pairs[0].fields[0].left:"
    assert "left has no field 'emial' on contact" in finding.message
    assert finding.cure.startswith("Did you mean email?")


def test_names_of_fields_are_exact() -> None:
    assert "Did you mean Email?" in _only("unknown-field", "{left: email, right: email}").cure


def test_an_unknown_object_type() -> None:
    finding = _found("{left: email, right: Email}", right="Contcat")[0]
    assert (finding.code, "Did you mean Contact?" in finding.cure) == ("unknown-object-type", True)


def test_an_object_type_of_another_kind() -> None:
    finding = _found("{left: title, right: Name}", right="Account")[0]
    assert finding.code == "wrong-kind"
    assert "Account is of the kind account, not person" in finding.message
    assert finding.cure == "There are: Contact."


def test_a_target_that_is_read_only() -> None:
    finding = _only("read-only-target", "{left: city, right: Title}")
    assert isinstance(finding.as_error(), MappingError)
    assert finding.cure == "Set `direction: to_right`."
    assert _found("{left: city, right: Title, direction: to_right}", NO_CREATES) == []


def test_a_target_that_can_only_be_set_once() -> None:
    finding = _only("create-only-target", "{left: city, right: Source, direction: to_right}")
    assert finding.level == "warning"


def test_a_required_field_that_no_map_writes() -> None:
    findings = _found("{left: email, right: Email}")
    assert [f.code for f in findings] == ["required-unmapped"]
    assert "a new Contact needs LastName (Last Name)" in findings[0].message
    mapped = _found(f"{{left: email, right: Email}}, {NAMED}")
    assert "required-unmapped" not in {f.code for f in mapped}


def test_a_map_that_writes_only_the_other_side_does_not_help_a_create() -> None:
    codes = {f.code for f in _found("{left: title, right: LastName, direction: to_left}")}
    assert codes == {"required-unmapped"}
    once = _found("{left: title, right: LastName, direction: to_left, on_create: true}")
    assert "required-unmapped" not in {f.code for f in once}


def test_a_stage_that_does_not_exist() -> None:
    stages = "        stage_left: stage\n        create_right: {when: stages, stages: [cold, Hot]}\n"
    findings = _found(f"{{left: email, right: Email}}, {NAMED}", stages)
    finding = next(f for f in findings if f.code == "unknown-stage")
    assert isinstance(finding.as_error(), MappingError)
    assert finding.place.endswith("create_right.stages[1]:")
    assert finding.message == "left has no stage 'Hot'."
    assert finding.cure.endswith("There are: Cold, Warm.")


def test_a_stage_field_that_does_not_exist() -> None:
    stages = "        stage_left: stag\n        create_right: {when: stages, stages: [Cold]}\n"
    findings = _found(f"{{left: email, right: Email}}, {NAMED}", stages)
    assert "Did you mean stage?" in next(f for f in findings if f.code == "unknown-field").cure


def test_options_without_a_counterpart_are_listed_by_direction() -> None:
    findings = _found(
        "{left: stage, right: Status, direction: to_left, options: {Cold: New}}",
        NO_CREATES,
    )
    assert [f.code for f in findings] == ["option-without-counterpart"]
    assert "stage has nothing for Working of Status" in findings[0].message, "an inactive option is no matter"
    both = _found("{left: stage, right: Status, options: {Cold: New}}", NO_CREATES)
    listed = [f.message for f in both if f.code == "option-without-counterpart"]
    assert any("Status has nothing for Warm of stage" in message for message in listed)


def test_options_may_be_written_by_value_or_label() -> None:
    options = "options: {id-Cold: new, warm: Working}"
    assert _found(f"{{left: stage, right: Status, direction: to_left, {options}}}", NO_CREATES) == []


def test_an_option_that_does_not_exist() -> None:
    findings = _found(
        "{left: stage, right: Status, direction: to_left, options: {Cold: New, Warm: Working, Hto: Odl}}",
        NO_CREATES,
    )
    assert [f.code for f in findings] == ["unknown-option"] * 2
    assert "stage of left has no option 'Hto'" in findings[0].message


@pytest.mark.proves("M4")
def test_a_map_by_name_lists_what_is_missing_and_how_to_look() -> None:
    fields = "{left: stage, right: Status, direction: to_left, automap: true, options: {Cold: New}}"
    finding = _only("option-without-counterpart", fields)
    assert "stage has nothing for Working of Status" in finding.message
    assert "syncline stages show main" in finding.cure


@pytest.mark.proves("M4")
def test_automap_needs_options_on_both_sides() -> None:
    _only("automap-without-options", "{left: title, right: Title, direction: to_left, automap: true}")


@pytest.mark.proves("M4")
def test_a_label_of_two_options_is_to_be_named_by_value() -> None:
    alike = Field("topic", "Topic", FieldType.PICKLIST, options=(Option("1", "Cold"), Option("2", "cold")))
    other = Field("Topic", "Topic", FieldType.PICKLIST, options=(Option("Open", "Open"),))
    text = f"{HEAD}        pairs: [{{left: contact, right: Contact, fields: [{{left: topic, right: Topic,"
    text += f" automap: true, direction: to_left, options: {{Cold: Open}}}}]}}]\n{NO_CREATES}"
    schemas = {"left": _schema("contact", alike), "right": _schema("Contact", other)}
    finding = next(f for f in check(parse(text), schemas) if f.code == "ambiguous-option")
    assert "'1', '2'" in finding.cure
    # Which options there are changes while nobody looks at the settings: a run holds the field and goes on.
    raise_errors([finding])


def test_types_that_can_never_fit() -> None:
    finding = _only("type-mismatch", "{left: email, right: Score, direction: to_right}")
    assert "email is of the type email, Score of the type number" in finding.message
    _only("type-mismatch", "{left: owner, right: Title, direction: to_right}")


@pytest.mark.proves("D2")
@pytest.mark.parametrize(("left", "right"), [("friends", "Boss"), ("boss", "Friends")])
def test_several_records_do_not_fit_into_one(left: str, right: str) -> None:
    finding = _only("type-mismatch", f"{{left: {left}, right: {right}, direction: to_right}}")
    assert "riends refers to several records, the other field to one" in finding.message


def test_types_that_lose_something() -> None:
    assert _only("lossy-types", "{left: born, right: Birthdate}").level == "warning"
    assert _found("{left: born, right: Birthdate, direction: to_left}", NO_CREATES) == []


def test_lengths_that_do_not_fit() -> None:
    finding = _only("length-mismatch", "{left: title, right: Title}")
    assert "title holds up to 255 characters, Title only 128" in finding.message


@pytest.mark.parametrize("field_type", list(FieldType))
def test_every_type_fits_itself(field_type: FieldType) -> None:
    assert fit(field_type, field_type) is Fit.ALWAYS


@pytest.mark.parametrize(
    ("source", "target", "result"),
    [
        (FieldType.NUMBER, FieldType.TEXT, Fit.ALWAYS),
        (FieldType.TEXT, FieldType.NUMBER, Fit.LOSSY),
        (FieldType.MONEY, FieldType.NUMBER, Fit.ALWAYS),
        (FieldType.DATE, FieldType.DATETIME, Fit.ALWAYS),
        (FieldType.DATETIME, FieldType.DATE, Fit.LOSSY),
        (FieldType.TEXT, FieldType.EMAIL, Fit.ALWAYS),
        (FieldType.PHONE, FieldType.EMAIL, Fit.NEVER),
        (FieldType.BOOLEAN, FieldType.DATE, Fit.NEVER),
        (FieldType.URL, FieldType.DOMAIN, Fit.ALWAYS),
        (FieldType.MULTIPICKLIST, FieldType.PICKLIST, Fit.LOSSY),
        (FieldType.PICKLIST, FieldType.MULTIPICKLIST, Fit.ALWAYS),
        (FieldType.OWNER, FieldType.REFERENCE, Fit.NEVER),
    ],
)
def test_how_types_fit(source: FieldType, target: FieldType, result: Fit) -> None:
    assert fit(source, target) is result
