"""The two published vocabularies of the service: names of stages, forms of the fit, operators of filters."""

from collections.abc import Mapping
from dataclasses import dataclass

NEWEST, EARLY = "may-2025", "early-2025"


@dataclass(frozen=True, slots=True)
class Edition:
    """One vocabulary. `stages` has its name for each stage of the newest one; `fit` tells how the fit is told."""

    name: str
    stages: Mapping[str, str]
    further_stages: tuple[str, ...]
    has_fit_enum: bool
    operators: tuple[str, ...]

    @property
    def stage_names(self) -> tuple[str, ...]:
        """Every stage there is, as the schema lists them: by the alphabet, which tells no order."""
        return tuple(sorted({*self.stages.values(), *self.further_stages}))


_OPERATORS = (
    *("EQ", "IN", "BETWEEN", "CONTAINS", "NOT_CONTAINS", "STARTS_WITH"),
    *("GT", "GTE", "LT", "LTE", "IS_EMPTY", "IS_NOT_EMPTY", "IS_NULL"),
)
EDITIONS: Mapping[str, Edition] = {
    NEWEST: Edition(
        name=NEWEST,
        stages={
            name: name
            for name in (
                "TARGET",
                "EDUCATION",
                "SOLUTION",
                "EVALUATION",
                "READY_TO_BUY",
                "OPPORTUNITY",
                "CUSTOMER",
                "NOT_A_FIT",
            )
        },
        further_stages=(),
        has_fit_enum=True,
        operators=(*_OPERATORS, "EQUALS", "NOT_EQUALS", "NOT_IN", "IS_NOT_NULL"),
    ),
    # Which stage of one vocabulary is which of the other is not published: the order of both decides here.
    EARLY: Edition(
        name=EARLY,
        stages={
            "TARGET": "LEAD",
            "EDUCATION": "TARGET",
            "SOLUTION": "ENGAGED",
            "EVALUATION": "TRIAL",
            "READY_TO_BUY": "READY_TO_BUY",
            "OPPORTUNITY": "ONBOARDING",
            "CUSTOMER": "RECURRING_VALUE",
            "NOT_A_FIT": "UNQUALIFIED",
        },
        further_stages=("INITIAL_VALUE", "MAX_VALUE", "PENDING_CHURN"),
        has_fit_enum=False,
        operators=(*_OPERATORS, "NOT_EQUAL", "IS_NONE_OF"),
    ),
}
FITS = ("ICP_FIT", "ICP_NOT_FIT", "ICP_NOT_SET")
RELATIONSHIPS = ("CUSTOMER", "FORMER_CUSTOMER", "NOT_A_FIT", "PROSPECT")
