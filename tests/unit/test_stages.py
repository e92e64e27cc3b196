"""What the lists of stages say: how each stands, what is to be created, and the block that fixes the pairs."""

from typing import Any

import pytest
import yaml

from syncline.config import SyncSettings, parse, resolved
from syncline.core.model import Kind, Side
from syncline.core.schema import FieldType, ObjectSchema, Option
from syncline.service.stages import StageMap, pinned, stage_maps, told
from tests.unit.mapped import field, options, schema

pytestmark = pytest.mark.proves("M4")

SETTINGS = """version: 1
connections: {apollo: {system: memory}, crm: {system: memory}}
syncs:
  main:
    left: apollo
    right: crm
    kinds:
      person:
        pairs:
          - left: contact
            right: Lead
            fields:
              - {left: title, right: Title}
              - {left: stage, right: Status, direction: DIRECTION, automap: AUTOMAP, options: {Cold: New}}
"""
STAGES = options("Cold", "Working", "Lost", prefix="id_")
STATUSES = (*options("New", "working", "Qualified"), Option("Old", "Old", active=False))
SCHEMAS = {
    Side.LEFT: schema("contact", field(name="title"), field(FieldType.PICKLIST, "stage", options=STAGES)),
    Side.RIGHT: schema("Lead", field(name="Title"), field(FieldType.PICKLIST, "Status", options=STATUSES)),
}


def described(side: Side, object_type: str) -> ObjectSchema | None:
    found = SCHEMAS[side]
    return found if found.object_type == object_type else None


def sync(direction: str = "both", automap: str = "true") -> SyncSettings:
    return resolved(parse(SETTINGS.replace("DIRECTION", direction).replace("AUTOMAP", automap)), "main")


def only(settings: SyncSettings, **how: Any) -> StageMap:
    (one,) = stage_maps(settings, described, **how)
    return one


def test_what_is_missing_is_listed_for_the_side_that_is_written() -> None:
    one = only(sync())
    assert (one.missing(Side.LEFT), one.missing(Side.RIGHT)) == (["Qualified"], ["Lost"])
    inward = only(sync("to_left"))
    assert (inward.missing(Side.LEFT), inward.missing(Side.RIGHT)) == (["Qualified"], [])


def test_a_line_per_map_says_what_to_do() -> None:
    (line,) = told(sync(), described)
    assert "1 mapped by hand, 1 by name" in line
    assert "missing in apollo: Qualified; missing in crm: Lost" in line
    assert "syncline stages show main" in line


def test_a_map_without_automap_is_previewed_but_not_told_of() -> None:
    assert told(sync(automap="false"), described) == []
    assert only(sync(automap="false"), automapped=True).map.automap


def test_only_the_chosen_kind_is_shown() -> None:
    assert not list(stage_maps(sync(), described, Kind.ACCOUNT))
    assert not list(stage_maps(sync(), lambda *_: None))


def test_the_block_that_fixes_the_pairs_is_good_settings() -> None:
    block = pinned("main", [only(sync())])
    base = yaml.safe_load(SETTINGS.replace("DIRECTION", "both").replace("AUTOMAP", "true"))
    base["syncs"]["main"]["kinds"] = block["syncs"]["main"]["kinds"]
    settings = resolved(parse(yaml.safe_dump(base)), "main")
    assert settings.kinds[0].pairs[0].fields[0].options == {"Cold": "New", "Working": "working"}
