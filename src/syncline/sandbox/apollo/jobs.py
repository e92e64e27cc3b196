"""Work that is answered before it is done: accepted now, carried out a moment later by the sandbox's clock."""

import math
from collections.abc import Callable

from syncline.sandbox.apollo.workspace import Workspace
from syncline.sandbox.state import Document

Work = Callable[[list[str], Document], None]
DELAY_SECONDS = 1.0
_JOBS = "_jobs"


class Jobs:
    """Pending jobs, kept in the state so that a restart carries them out too."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._work: dict[str, Work] = {}

    def register(self, job_type: str, work: Work) -> None:
        """Say what a type of job does with its record ids and parameters."""
        self._work[job_type] = work

    def add(self, job_type: str, ids: list[str], params: Document) -> Document:
        """Accept a job; it is carried out when the next request comes after its time."""
        stamp = self._workspace.stamp()
        job: Document = {
            "id": self._workspace.new_id(),
            "job_type": job_type,
            "status": "pending",
            "entity_ids": ids,
            "created_at": stamp,
            "updated_at": stamp,
            "params": params,
            "due": self._workspace.clock.now().timestamp() + self.delay(),
        }
        self._workspace.state.put(_JOBS, job["id"], job)
        return job

    def delay(self) -> float:
        """How many seconds a job takes, which is not known of the real one."""
        return float(
            (self._workspace.state.peek("_job_delay", "delay") or {"seconds": DELAY_SECONDS})["seconds"]
        )

    def set_delay(self, seconds: float) -> None:
        """Let jobs that are accepted from now on take that long."""
        if not 0 <= seconds < math.inf:
            raise ValueError("seconds must be a number from 0")
        self._workspace.state.put("_job_delay", "delay", {"seconds": seconds})

    def pending(self) -> list[Document]:
        """The jobs that are not carried out yet."""
        return [progress(dict(job)) for job in self._workspace.state.all(_JOBS)]

    def settle(self) -> None:
        """Carry out every job whose time has come."""
        now = self._workspace.clock.now().timestamp()
        for job in self._workspace.state.all(_JOBS):
            if job["due"] <= now:
                with self._workspace.state.transaction():
                    self._work[job["job_type"]](list(job["entity_ids"]), dict(job["params"]))
                    self._workspace.state.delete(_JOBS, job["id"])


def progress(job: Document) -> Document:
    """A bulk update's job as the API shows it."""
    names = ("id", "job_type", "status", "entity_ids", "created_at", "updated_at")
    return {name: job[name] for name in names}
