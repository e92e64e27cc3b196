"""What the settings mean that are defined in the core, where no words for people belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_OBJECT_PAIR = {
    "left": "The left object type, as its system calls it.",
    "right": "The right object type, as its system calls it.",
    "fields": "The field maps of the pair. A map with the two fields of a preset's map changes that map: what "
    "it does not say stays. Fields that are not mapped are never written.",
    "infer_account": "Whether somebody whose object type has no account, such as a lead, gets the account of their "
    "e-mail domain on the other side, where it is empty there. Free mail providers do not count.",
}

_FIELD_MAP = {
    "left": "The left field, as `syncline fields` lists it.",
    "right": "The right field, as `syncline fields` lists it.",
    "direction": "Which side may be written: to_left, to_right or both.",
    "rule": "overwrite may replace a value; fill writes only where there is none.",
    "owner": "The side whose value counts when both differ.",
    "on_conflict": "Who wins when both sides changed: left, right, latest (where the times are certain) or hold "
    "(a person decides). The owner by default, without one a hold.",
    "on_first_contact": "What happens to two different values that never agreed: owner, keep (both stay and are "
    "listed), left, right or hold. The owner by default, without one keep.",
    "clear": "Whether emptying a value empties the other side too: keep or propagate.",
    "drift": "What happens when somebody else changes the target of a one-way field: overwrite or keep.",
    "on_create": "Whether a record that is made on the side the direction does not allow gets the value once, such as "
    "its first owner.",
    "transform": "A conversion before comparing and writing: domain, lower or upper.",
    "options": "Left options and the right options they mean, by label. Options of the same name need no entry. "
    "It replaces a preset's list as a whole.",
    "automap": "Whether options that `options` does not name are mapped strictly one to one with the other side's "
    "option of the same name; what `syncline stages show` lists as missing is to be created there by hand.",
    "enabled": "false turns the map off, as if it were not there.",
    "rule_left": "The rule for what is written on the left, where it is not that of both sides.",
    "rule_right": "The rule for what is written on the right, where it is not that of both sides.",
}

_CREATE_RULE = {
    "enabled": "Whether new records are made on this side.",
    "as_type": "The object type to create; that of the first pair by default. It touches new records only.",
    "when": "all new records, or only those in chosen stages. Updates of linked records always flow.",
    "stages": "The chosen stages of the other side, by name.",
    "no_stage": "Whether records without a stage are let through when stages are chosen.",
    "where": "A filter over the records of the other side: only those that pass it get a new record.",
    "lists": "Names of lists of the other side: only records in one of them get a new record.",
    "not_lists": "Names of lists of the other side: records in one of them get no new record.",
    "source": "A field of the new record that tells where it comes from, and its value; null for none.",
    "account_first": "Whether a new record waits for its account, which is found or made for it even where accounts "
    "are not made otherwise.",
    "account_owner": "Who owns an account made so: integration_user (the system's own choice) or contact_owner.",
}

_MATCH_POLICY = {
    "keys": "Match keys in order; the first that finds anybody decides. `email` and `domain` stand for the mapped "
    "fields of those types; any other is the left field of a field map.",
    "on_ambiguous": "What happens when several records could be the counterpart: hold, oldest or richest.",
    "on_linked_candidate": "What happens when the counterpart is linked to another record already: hold, mirror "
    "(create another) or skip.",
    "same": "Left fields in which two records have to mean the same besides a match key. References mean the same if "
    "they lead to linked records; a new record waits until what it refers to is linked.",
    "prefer_left": "Left object types, the best first: of two records of one person the first named wins.",
    "prefer_right": "Right object types, the best first: of two records of one person the first named wins.",
}

_REQUIREMENT = {
    "field": "The field that is looked at.",
    "filled": "Whether it has to hold something.",
    "one_of": "Values or labels of which it has to be one, whatever their case.",
    "none_of": "Values or labels of which it must be none.",
    "at_least": "The lowest of `order` that passes.",
    "order": "Values or labels from the lowest to the highest; one that is not listed does not pass.",
    "own_domain": "Whether it has to be a domain of one's own: no address of digits, no suffix such as co.uk, "
    "no platform.",
    "carried": "Whether its value has to be one that the other side can take, such as an owner with a user there.",
    "optional": "Whether it passes where the system shows no such field.",
    "enabled": "Whether it is asked at all.",
}

_BRAKES = {
    "max_creates": "The most records a run may create.",
    "max_overwrites": "The most records whose values a run may replace.",
    "max_clears": "The most records whose values a run may empty.",
    "max_deletes": "The most records a run may delete.",
    "max_create_share": "The most creates as a part of the linked records, from 0 to 1.",
    "max_overwrite_share": "The most overwrites as a part of the linked records, from 0 to 1.",
    "max_clear_share": "The most clears as a part of the linked records, from 0 to 1.",
    "max_delete_share": "The most deletes as a part of the linked records, from 0 to 1.",
    "emptied_side": "Whether a side that had records and shows none any more holds the plan.",
    "match_rate_fall": "How far the part of linked records may fall between two runs, from 0 to 1.",
    "share_from": "Shares are judged only when more records than this are linked.",
}

MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "ObjectPair": _OBJECT_PAIR,
    "FieldMap": _FIELD_MAP,
    "CreateRule": _CREATE_RULE,
    "MatchPolicy": _MATCH_POLICY,
    "Requirement": _REQUIREMENT,
    "Mark": {
        "field": "The field of the record that is written.",
        "value": "What it gets, by value or label.",
    },
    "SourceValue": {"field": "The field of the new record.", "value": "What it gets, by value or label."},
    "Brakes": _BRAKES,
}
"""Per type of the core, what each of its settings means; a test sees that none is left out."""
