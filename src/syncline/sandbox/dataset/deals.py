"""The deals of the world: open and closed ones of companies that both systems know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from syncline.sandbox.dataset import vocabulary as words
from syncline.sandbox.dataset.draft import SYSTEMS, split, weighted
from syncline.sandbox.dataset.views import Company, Deal, DealView, Shown, User

__all__ = ["draft_deals"]

COMPANIES_PER_DEAL = 6
WITH_AMOUNT = 0.9
WITH_NEXT_STEP = 0.5
DOUBTFUL = ("company_domain_missing", "company_domain_missing_in_salesforce", "company_twice_in_salesforce")
CLOSED = ("Closed Won", "Closed Lost")


def draft_deals(
    seed: int, users: Sequence[User], companies: Sequence[Company], marks: Mapping[str, Sequence[str]]
) -> list[Deal]:
    """One deal for some of the companies that both systems have and that can be told by their domain.

    Names repeat from company to company, as they do where people call each deal after what is sold.
    """
    rng = Random(f"deals {seed}")
    doubtful = {key for mess in DOUBTFUL for key in marks.get(mess, ())}
    sound = [each for each in companies if each.apollo and each.salesforce and each.key not in doubtful]
    chosen = rng.sample(sound, min(len(sound), len(companies) // COMPANIES_PER_DEAL))
    owners = [user.key for user in users if user.in_apollo and user.active_in_salesforce]
    stages = weighted(rng, words.DEAL_STAGES, len(chosen))
    systems = split(rng, len(chosen))
    deals: list[Deal] = []
    for number, company in enumerate(chosen):
        view = _deal(rng, number, company.key, rng.choice(owners), stages[number])
        shown = {system: view if system in systems[number] else None for system in SYSTEMS}
        deals.append(Shown(view.record_key, shown["apollo"], shown["salesforce"]))
    return deals


def _deal(rng: Random, number: int, company: str, owner: str, stage: str) -> DealView:
    created = rng.randint(5, 400)
    days = -rng.randint(1, created) if stage in CLOSED else rng.randint(5, 200)
    product = rng.choice(words.DEAL_SUBJECTS)
    return DealView(
        record_key=f"deal-{number:04d}",
        name=product,
        company=company,
        amount=_amount(rng, number),
        closes_in_days=days,
        stage=stage,
        owner=owner,
        description=f"{product}, as discussed with the team.",
        next_step="Send the proposal" if rng.random() < WITH_NEXT_STEP else None,
        created_days_ago=created,
        updated_days_ago=rng.randint(1, created),
    )


def _amount(rng: Random, number: int) -> str | None:
    """As somebody typed it; the first deal's has a comma, which one of the systems does not understand."""
    amount = rng.randrange(2, 400) * 500
    if number == 0:
        return f"{amount + 1000:,}"
    return str(amount) if rng.random() < WITH_AMOUNT else None
