"""Pages that lead somewhere, and the papers every release needs."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, documents, name_of

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):.*## ", re.MULTILINE)


def _broken_links(page: Path) -> Iterator[str]:
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            yield f"{name_of(page)} -> {link}"


def _anchors(page: Path) -> set[str]:
    titles = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_link_leads_to_a_page_and_a_heading() -> None:
    assert not [broken for page in documents() for broken in _broken_links(page)]


def test_every_page_is_reachable_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(page.read_text()))
        waiting += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert not [name_of(page) for page in documents() if page not in reached]


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = TARGET.findall(makefile)
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE))
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    assert set(targets) == phony
    assert not [target for target in targets if f"`make {target}`" not in contributing]


def test_the_readme_names_the_two_commands_and_what_they_need() -> None:
    readme = (ROOT / "README.md").read_text()
    for words in ("make demo", "make test", "apt-get install make git python3 python3-venv", "flow.svg"):
        assert words in readme


def test_make_alone_lists_the_targets() -> None:
    shown = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    assert all(
        f"{target} " in shown for target in ("setup", "demo", "test", "check", "bench", "rules", "fuzz")
    )


def test_the_licence_is_the_full_text() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert all(f"\n   {number}. " in text for number in range(1, 10))


def test_the_changelog_has_fragments_of_known_types() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    types = {entry["directory"] for entry in settings["type"]}
    fragments = list((ROOT / "changelog.d").glob("*.md"))
    assert fragments or (ROOT / "CHANGELOG.md").exists()
    wrong = [
        path.name
        for path in fragments
        if path.name.split(".")[-2] not in types or not path.read_text().strip()
    ]
    assert not wrong
