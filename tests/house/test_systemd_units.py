"""The units that are meant to be copied are ones that systemd takes, and start commands that there are."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from syncline.cli.main import app
from tests.house.tree import ROOT, name_of

UNITS = sorted(
    path for path in (ROOT / "examples/systemd").iterdir() if path.suffix in (".service", ".timer")
)
LASTING = ("syncline.service", "syncline-worker@.service")
PROGRAM = "/opt/syncline/.venv/bin/syncline"


def read(path: Path) -> configparser.ConfigParser:
    """A unit; a key that stands in it twice is refused."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd tells capitals apart
    parser.read_string(path.read_text())
    return parser


@pytest.mark.parametrize("name", LASTING)
def test_a_service_is_restarted_stopped_in_time_and_shut_in(name: str) -> None:
    service = read(ROOT / "examples/systemd" / name)["Service"]
    assert service["Restart"] == "on-failure"
    assert int(service["TimeoutStopSec"]) > 10, "it takes up to ten seconds to stop by itself"
    assert service["User"] == "syncline"
    assert service["StateDirectory"] == "syncline"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert {service[key] for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp")} == {"yes"}


@pytest.mark.parametrize("path", [unit for unit in UNITS if unit.suffix == ".service"], ids=name_of)
def test_a_service_starts_a_command_there_is(path: Path) -> None:
    words = shlex.split(read(path)["Service"]["ExecStart"])
    if words[:2] == ["/bin/sh", "-c"]:
        words = shlex.split(words[2])
    command, options = words[words.index(PROGRAM) + 1], [word for word in words if word.startswith("--")]
    known = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    assert set(options) <= {name for parameter in known.params for name in parameter.opts}


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    copies = []
    for path in UNITS:
        copy = tmp_path / path.name.replace("@.", "@1.")
        copy.write_text(path.read_text().replace(PROGRAM, "/bin/true"))
        copies.append(str(copy))
    told = subprocess.run(
        [analyse, "verify", "--man=no", *copies], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
