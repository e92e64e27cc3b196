"""The departures from what is published that have a reason, from exceptions.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.specs.published import Departure

FILE = Path(__file__).with_name("exceptions.yaml")


@dataclass(frozen=True)
class Reasoned:
    """Departures that are explained; all texts but the system and the reason are regular expressions for the whole."""

    system: str
    operation: str
    part: str
    where: str
    what: str
    reason: str
    status: int | None = None

    def explains(self, departure: Departure) -> bool:
        """Whether this is the reason of a departure."""
        return (
            self.system == departure.system
            and re.fullmatch(self.part, departure.part) is not None
            and self.status in {None, departure.status}
            and re.fullmatch(self.operation, departure.operation) is not None
            and re.fullmatch(self.where, departure.where) is not None
            and re.fullmatch(self.what, departure.what) is not None
        )

    def __str__(self) -> str:
        status = f" {self.status}" if self.status else ""
        return f"{self.system} {self.operation}, {self.part}{status}: {self.where} {self.what}"


def read_exceptions(path: Path = FILE) -> list[Reasoned]:
    """The exceptions of a file; each must say why."""
    found = [Reasoned(**entry) for entry in yaml.safe_load(path.read_text())]
    silent = [str(each) for each in found if not each.reason.strip()]
    if silent:
        raise ValueError(f"exceptions without a reason: {silent}")
    return found
