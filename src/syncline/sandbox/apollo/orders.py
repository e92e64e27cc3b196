"""Remembers the order of the last searches, so that a page does not sort a large workspace anew."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from syncline.sandbox.apollo.wire import Call
from syncline.sandbox.apollo.workspace import ACCOUNT_STAGES, CONTACT_STAGES, OPPORTUNITY_STAGES, Workspace
from syncline.sandbox.past import is_past

KEPT = 4
_STAGES = (CONTACT_STAGES, ACCOUNT_STAGES, OPPORTUNITY_STAGES)
_PAGES = ("page", "per_page")
Found = Sequence[Mapping[str, Any]]


class Orders:
    """Whole results by what was asked for. One counts until a record or a stage changes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: OrderedDict[bytes, tuple[tuple[int, ...], Found]] = OrderedDict()

    def of(self, type_: str, call: Call, search: Callable[[], Found]) -> Found:
        """The result of a search, from memory if nothing has changed since it was made."""
        if is_past() or self._workspace.is_lagging(type_):  # what is seen then changes with time alone
            return search()
        asked = {name: value for name, value in call.params.items() if name not in _PAGES}
        key = msgspec.json.encode([type_, asked])
        now = tuple(map(self._workspace.state.revision, (type_, *_STAGES)))
        kept = self._kept.pop(key, None)
        found = kept[1] if kept is not None and kept[0] == now else search()
        self._kept[key] = now, found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found
