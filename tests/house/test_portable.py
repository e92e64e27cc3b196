"""Nothing in the repository belongs to one machine or one registry."""

import re
import tomllib

from tests.house.tree import ROOT, name_of, text_files

# A letter in brackets keeps this file from finding itself.
MACHINE_PATHS = [
    r"(?<![\w.])/wor[k]/",
    r"\.\./share[d]\b",
    r"(?<![\w.])/roo[t]/",
    r"/hom[e]/\w",
    r"/User[s]/\w",
]
REGISTRIES = [
    r"pyp[i]\.org", r"pythonhoste[d]", r"npmj[s]\.org", r"crate[s]\.io", r"jsdeliv[r]", r"unpk[g]\.com",
]  # fmt: skip
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==\S+.* \\$", re.MULTILINE)


def _finds(patterns: list[str]) -> list[str]:
    wanted = re.compile("|".join(patterns))
    return [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if wanted.search(line)
    ]


def test_no_path_of_a_machine() -> None:
    assert not _finds(MACHINE_PATHS)


def test_no_address_of_a_package_registry() -> None:
    assert not _finds(REGISTRIES)


def test_every_locked_package_has_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        entries = re.split(r"\n(?=\S)", text.strip())
        assert all(PINNED.match(entry) and "--hash=sha256:" in entry for entry in entries), path.name
        assert "://" not in text


def test_what_the_program_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {_canonical(re.split(r"[\[<>=~!; ]", entry)[0]) for entry in project["dependencies"]}
    base, dev = (_locked(name) for name in ("base", "dev"))
    assert wanted <= base <= dev


def _locked(name: str) -> set[str]:
    return {_canonical(found) for found in PINNED.findall((ROOT / f"requirements/{name}.txt").read_text())}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
