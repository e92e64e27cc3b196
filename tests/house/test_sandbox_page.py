"""Every fault and every control route of a sandbox is on its page."""

import re

from syncline.sandbox.apollo.doubts import DEFAULTS
from syncline.sandbox.apollo.limits import PLANS
from syncline.sandbox.faults import KINDS
from syncline.sandbox.salesforce.apps import ConnectedApp
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/reference/sandboxes.md").read_text()
ROUTES = {
    "control.py": r'\("(?:GET|POST|DELETE)", "(/[a-z]+)',
    "apollo/switches.py": r'"(/[a-z_/]+)": self',
    "customeros/switches.py": r'"(/[a-z_]+)": self',
    "salesforce/switches": r'"(/[a-z_]+)": self',
}


def test_every_fault_is_explained() -> None:
    assert not [kind for kind in sorted(KINDS) if f"| `{kind}` |" not in PAGE]


def test_every_plan_of_limits_is_named() -> None:
    assert not [plan for plan in PLANS if plan not in PAGE]


def test_every_doubt_is_explained_with_its_default() -> None:
    rows = [f"| `{name}` | {str(decided).lower()} |" for name, decided in DEFAULTS.items()]
    assert not [row for row in rows if row not in PAGE]


def test_every_setting_of_a_connected_app_is_explained() -> None:
    assert not [name for name in ConnectedApp("id", "secret").shown() if f"`{name}`" not in PAGE]


def test_every_control_route_is_explained() -> None:
    for module, pattern in ROUTES.items():
        place = ROOT / "src/syncline/sandbox" / module
        text = "".join(each.read_text() for each in (place.glob("*.py") if place.is_dir() else [place]))
        paths = set(re.findall(pattern, text, re.MULTILINE))
        assert len(paths) >= 2, module
        assert not [
            path for path in sorted(paths) if f"/_sandbox{path}" not in PAGE and f"`{path}`" not in PAGE
        ]
