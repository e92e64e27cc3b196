"""What a stand-in says of itself: how far each operation goes, and what nobody could find out about the real one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Coverage:
    """One operation of a sandbox.

    `path` is the template of the route. `missing` is what the real system does there and the stand-in does not;
    `uncertain` is what it does without a source that says so. `switch` names the control routes that turn what
    is uncertain, or what a test would want otherwise, as paths below /_sandbox with a comma between two.
    """

    method: str
    path: str
    modelled: str
    missing: str = ""
    uncertain: str = ""
    switch: str = ""

    @property
    def operation(self) -> tuple[str, str]:
        """Method and path."""
        return self.method, self.path

    @property
    def switches(self) -> tuple[str, ...]:
        """The control routes of the switch, each as a path below /_sandbox."""
        return tuple(part.strip() for part in self.switch.split(",") if part.strip())
