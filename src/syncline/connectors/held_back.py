"""What becomes of a record that was not written because of trouble with its connection."""

from __future__ import annotations

from syncline.core.errors import QuotaError, RateLimitedError, SynclineError, resumes_at
from syncline.core.model import ErrorClass, Failure


def held_back(error: SynclineError) -> Failure:
    """The failure of a record because of trouble with the connection: it was not sent, or no answer came.

    Whatever the trouble is, it says nothing of the record, which goes again when the connection does.
    """
    limited = isinstance(error, QuotaError | RateLimitedError)
    kind = ErrorClass.QUOTA if limited else ErrorClass.TRANSIENT
    return Failure(kind, error.code, error.message, retry_at=resumes_at(error))
