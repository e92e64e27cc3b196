"""What CustomerOS can refuse, as data: only that it is written to at all."""

from __future__ import annotations

from syncline.connectors.codes import SETTINGS, CodeTable, VendorCode
from syncline.core.model import ErrorClass

CODES = CodeTable(
    VendorCode(
        "read-only",
        ErrorClass.PERMISSION,
        "Syncline only reads from CustomerOS; it never writes there",
        "turn the direction of the map round in the settings",
        SETTINGS,
        by_hand=False,
    )
)
