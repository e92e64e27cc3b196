"""A pair whose commands are carried out in this process: a process of its own takes seconds only to begin."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from syncline.cli.main import call
from tests.scenario.pair import Ended, Pair


@dataclass
class NearPair(Pair):
    """What is to be killed or to go on by itself still gets a process (`command`)."""

    def ask(self, *arguments: str) -> Ended:
        """A command, carried out to its end."""
        out, said = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(said):
            for name, value in self.environ.items():
                patch.setenv(name, value)
            code = call([*arguments, "--json", "--settings", str(self.file)])
        return Ended(code, out.getvalue(), said.getvalue())
