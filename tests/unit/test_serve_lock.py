"""One process serves an SQLite file, and a killed one leaves nothing to clean up."""

import subprocess
import sys
from pathlib import Path

import pytest

from syncline.core.errors import ServedError, StoreError
from syncline.service.lock import served_alone

HOLD = """
import sys, time
from syncline.service.lock import served_alone
with served_alone(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with served_alone(url), pytest.raises(ServedError, match="serves"), served_alone(url):
        pass
    with served_alone(url):
        assert not (tmp_path / "store.sqlite3").exists(), "the database itself is not touched"


def test_the_kernel_lets_go_of_it_when_its_process_is_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(ServedError, match=str(process.pid)), served_alone(url):
            pass
        process.kill()
    with served_alone(url):
        pass


def test_databases_with_a_server_are_shared() -> None:
    url = "postgresql://localhost/syncline"
    with served_alone(url), served_alone(url):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match="cannot be written"),
        served_alone(f"sqlite:///{tmp_path}/nowhere/store.sqlite3"),
    ):
        pass
