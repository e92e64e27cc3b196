import pytest

from syncline.sandbox.main import Dataset, SandboxError, read_dataset
from syncline.sandbox.mess import TIDY
from syncline.sandbox.world import build_world

EMPLOYERS = {"person_employer_unknown", "person_employer_elsewhere"}


def test_a_dataset_for_speed_names_people_and_companies() -> None:
    assert read_dataset("bench:300:60") == Dataset(300, 60, tidy=True)
    assert read_dataset("300") == Dataset(300)
    assert read_dataset("empty").people == 0


@pytest.mark.parametrize(
    "text", ["", "bench", "bench:", "bench:300", "bench:300:x", "bench:1:2:3", "-1", "²", "demo:1"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(SandboxError, match="unknown dataset"):
        read_dataset(text)


def test_a_tidy_world_leaves_nobody_in_doubt() -> None:
    world = build_world(1000, companies=60, tidy=True)
    assert len(world.companies) == 60
    assert len(world.people) == 1000
    assert world.mess.keys() == TIDY | EMPLOYERS
    assert not [one.key for one in world.companies if one.apollo_twins or one.salesforce_twins]
    assert not [one.key for one in world.people if one.apollo_twins or one.salesforce_twins]
    for system in ("apollo", "salesforce"):
        addresses = [(person.email or "").lower() for person in world.person_records(system)]
        assert "" not in addresses
        assert len(set(addresses)) == len(addresses) == 800
