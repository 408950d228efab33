"""House rules, kept by the suite: each failure says what to do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from pentahelix.config import Settings

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "pentahelix"

#: Distributions that no module imports: something else does, or they are programs.
NOT_IMPORTED = {
    "alembic": "behind flask-migrate, named for its version; the migrations import it",
    "brotli": "whitenoise writes the .br copies with it",
    "gunicorn": "a program",
    "tdewolff-minify": "scripts/build_static.py makes what is served smaller with it",
    "psycopg": "SQLAlchemy loads the driver by name",
    "tzdata": "zoneinfo reads it where the system has no zones",
    "uv": "a program: `make lock`",
}


@cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(CODE.rglob("*.py")))


def tracked() -> list[str]:
    """Everything that is committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def matches(pattern: str, files: Iterator[Path]) -> list[str]:
    """The places, as file:line, where `pattern` stands."""
    return [
        place(file, number)
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


# ---------------------------------------------------------------------------- what we depend on


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def requested(file: str) -> dict[str, str]:
    """distribution → reason, as a requirements file says."""
    lines = (ROOT / file).read_text().splitlines()
    found = {}
    for line in lines:
        requirement, _, reason = line.partition("#")
        if requirement.strip() and not requirement.startswith("-r"):
            name = re.split(r"[\[~=<>; ]", requirement.strip(), maxsplit=1)[0]
            found[normal(name)] = reason.strip()
    return found


def imported(files: Iterator[Path]) -> dict[str, str]:
    """top-level module → a place that imports it, for what neither we nor Python itself bring."""
    ours = {"pentahelix", "tests", "scripts", "wsgi", "__future__"}
    found: dict[str, str] = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                continue
            for name in names:
                top = name.partition(".")[0]
                if top not in ours and top not in sys.stdlib_module_names:
                    found.setdefault(top, place(file, node.lineno))
    return found


def distributions_of(module: str) -> set[str]:
    return {normal(name) for name in packages_distributions().get(module, [module])}


def test_every_requirement_has_a_reason():
    silent = [
        f"{name} in {file}"
        for file in ("requirements.in", "requirements-dev.in")
        for name, reason in requested(file).items()
        if not reason
    ]
    assert silent == [], "say in a comment on the line what it is for"


def test_every_import_of_the_application_has_a_line_in_requirements_in():
    lines = set(requested("requirements.in"))
    missing = {
        module: where
        for module, where in imported(iter(modules())).items()
        if not distributions_of(module) & lines
    }
    assert missing == {}, "add a line with its reason to requirements.in, then run `make lock`"


def test_every_line_of_requirements_in_is_imported_or_known_not_to_be():
    used = set[str]().union(*map(distributions_of, imported(iter(modules()))))
    unused = set(requested("requirements.in")) - used - set(NOT_IMPORTED)
    assert unused == set(), "take the line away, or say in NOT_IMPORTED who needs it"


def test_the_locks_hold_the_requirements_and_no_address():
    for source, lock in (
        ("requirements.in", "requirements.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
    ):
        locked = (ROOT / lock).read_text()
        names = {normal(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==", locked)}
        assert set(requested(source)) <= names, f"run `make lock`: {lock} is behind {source}"
        assert "://" not in locked, f"{lock} names a host; `make lock` writes none"


def test_both_locks_agree():
    def versions(lock: str) -> dict[str, str]:
        return dict(
            re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", (ROOT / lock).read_text())
        )

    development = versions("requirements-dev.txt")
    differing = {
        name: (version, development.get(name))
        for name, version in versions("requirements.txt").items()
        if development.get(name) != version
    }
    assert differing == {}, "tests must run what production runs: `make lock`"


def test_no_code_of_others_is_committed():
    foreign = [name for name in tracked() if re.search(r"(^|/)(vendor|node_modules)/|\.min\.(js|css)$", name)]
    assert foreign == [], "third-party code comes through pip at set-up"


# ---------------------------------------------------------------------------- what the documents say


def documents() -> Iterator[tuple[str, str]]:
    """Name and text of each that tells what is true now; a decision tells what was true when it was made."""
    for name in tracked():
        if name.endswith(".md") and not name.startswith(("docs/decisions/0", "tests/")):
            yield name, (ROOT / name).read_text()


def test_the_files_that_documents_name_are_there():
    ends = {f"/{name}"[at:] for name in tracked() for at, sign in enumerate(f"/{name}") if sign == "/"}
    missing = [
        f"{file} in {document}"
        for document, text in documents()
        for code in re.findall(r"`([^`\n]+)`", text)
        for file in re.findall(r"(?<![\w/.<>-])[\w/-]+\.(?:py|md|html|js|css|csv|typ|toml|txt|in|sh)\b", code)
        if not file.startswith("var/") and f"/{file}" not in ends
    ]
    missing += [
        f"{target} in {document}"
        for document, text in documents()
        for target in re.findall(r"\]\(([^)#:]+)\)", text)
        if not (ROOT / document).parent.joinpath(target).exists()
    ]
    assert missing == [], "say where it stands now"


def test_the_tests_that_documents_name_are_there():
    known = "\n".join((ROOT / name).read_text() for name in tracked() if name.startswith("tests/"))
    missing = [
        f"{test} in {document}"
        for document, text in documents()
        for test in re.findall(r"`(test_\w+)`", text)
        if f"def {test}(" not in known
    ]
    assert missing == []


def test_the_commands_that_documents_name_are_there():
    known = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    named = {
        command
        for _name, text in documents()
        for command in re.findall(r"(?m)(?:`|^    )make ([a-z]+)", text)
    }
    assert named - known == set()


def test_the_readme_tells_every_setting():
    known = {f"PHX_{setting.name.upper()}" for setting in fields(Settings)}
    readme = (ROOT / "README.md").read_text()
    told = {name for row in re.findall(r"(?m)^\| `PHX_.*?\|", readme) for name in re.findall(r"PHX_\w+", row)}
    assert told == known, "a row of the table in README.md for each of Settings"


# ---------------------------------------------------------------------------- how the code is written


@pytest.mark.parametrize(
    "left_over", ["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplementedError", r"breakpoint\("]
)
def test_nothing_is_left_over(left_over):
    files = (ROOT / name for name in tracked() if re.search(r"\.(py|html|txt|css|js|md|sh)$", name))
    assert matches(rf"\b{left_over}", (file for file in files if file != Path(__file__))) == []


def test_no_module_is_over_400_lines():
    long = {
        str(module.relative_to(ROOT)): lines
        for module in modules()
        if module.name != "models.py" and (lines := len(module.read_text().splitlines())) > 400
    }
    assert long == {}, "it wants to be two modules"


def test_no_module_is_a_drawer_for_everything():
    assert [m.name for m in modules() if m.stem in {"utils", "util", "helpers", "common", "manager"}] == []


def test_only_clock_asks_the_system_what_time_it_is():
    calls = r"(datetime\.(now|utcnow|today)|date\.today|(?<!_)time\.time)\("
    elsewhere = (module for module in modules() if module.name != "clock.py")
    assert matches(calls, elsewhere) == [], "ask pentahelix.clock"


def test_sql_never_asks_the_clock():
    asks = r"func\.(now|current_timestamp|current_date|localtimestamp)\(|CURRENT_(TIMESTAMP|DATE)"
    assert matches(asks, iter(modules())) == [], "bind clock.now() or clock.today() as a parameter"


def test_services_queries_mail_and_exports_know_no_request():
    request_bound = {"request", "session", "g", "redirect", "url_for", "flash", "abort", "make_response"}
    found = []
    for part in ("services", "queries", "mail", "exports"):
        for file in (CODE / part).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module == "flask":
                    found += [
                        f"{place(file, node.lineno)} imports flask.{alias.name}"
                        for alias in node.names
                        if alias.name in request_bound
                    ]
                elif isinstance(node, ast.Import) and any(alias.name == "flask" for alias in node.names):
                    found.append(f"{place(file, node.lineno)} imports flask")
    assert found == [], "let the view pass what they need as an argument"


def test_queries_are_select_statements():
    files = [*modules(), *(ROOT / "tests").rglob("*.py")]
    assert matches(r"\.query\b(?!_)(\.|\()", (f for f in files if f != Path(__file__))) == [], (
        "write select(…)"
    )


def test_pages_carry_no_script_or_style_of_their_own():
    inline = r"(?i)(<script(>|(?![^>]*\bsrc=)[^>]*>)|<style|\sstyle=|\son[a-z]+=[\"'])"
    pages = (page for page in (ROOT / "templates").rglob("*.html") if "mail" not in page.parts)
    assert matches(inline, pages) == [], "the policy forbids it: a module, a class, a data- attribute"


def test_pages_name_no_address_of_others():
    foreign = r"(?i)(src|href|action)=[\"']?(https?:)?//"
    pages = (page for page in (ROOT / "templates").rglob("*.html") if "mail" not in page.parts)
    assert matches(foreign, pages) == [], "everything a page loads comes from here"


def test_no_test_sleeps():
    sleeps = r"\btime\.sl" + r"eep\(|wait_for_time" + r"out\("
    assert matches(sleeps, (ROOT / "tests").rglob("*.py")) == [], "wait for what happens, with a bound"


def test_skipped_tests_say_why():
    bare = r"pytest\.mark\.(skip|xfail)\s*(\(\s*\))?\s*$"
    assert matches(bare, (ROOT / "tests").rglob("*.py")) == []


def test_the_project_does_not_speak_of_how_it_was_made():
    words = "|".join(("/wo" + "rk/", r"\.\./sha" + "red", "issue" + r" \d+ of", "before" + "-stop"))
    files = (ROOT / name for name in tracked() if re.search(r"\.(py|html|css|js|md|sh|toml|in)$", name))
    assert matches(words, files) == []


def test_templates_import_what_they_use():
    """A page also imports for what it includes and for what extends it."""
    folder = ROOT / "templates"
    sources = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.html")}

    def seen_from(name: str) -> Iterator[str]:
        yield sources[name]
        for other, text in sources.items():
            if f'{{% extends "{name}" %}}' in text:
                yield from seen_from(other)
            elif f'{{% include "{other}"' in sources[name]:
                yield text

    unused = [
        f"{macro} in {name}"
        for name, source in sources.items()
        for line, macros in re.findall(r'(\{% from "[\w/.]+" import ([\w, ]+) %\})', source)
        for macro in re.split(r", ", macros.removesuffix(" with context"))
        if not any(
            re.search(rf"\b{macro.split(' as ')[-1]}\b", text.replace(line, "")) for text in seen_from(name)
        )
    ]
    assert unused == [], "take the name away"
