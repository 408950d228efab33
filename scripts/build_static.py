"""Builds what a server gives to browsers from the sources in static/: few files, and small ones.

    python -m scripts.build_static

Each script of static/js becomes one file with all modules that it imports; scripts, stylesheets and icons
lose their comments and spaces; everything gets compressed copies. The result lies in var/static, in a folder
named by the digest of the sources, so that it can never be older than they are (pentahelix/static_files.py).
"""

import re
import shutil
from pathlib import Path
from tempfile import mkdtemp

import minify
from whitenoise.compress import main as compress

from pentahelix.static_files import BUILT, SOURCES, digest

IMPORT = re.compile(r'^import (?:(\{[^}]+\}|\* as \w+) from )?"(\.[^"]+)";$', re.MULTILINE)
#: import("…"), which waits until it is needed.
LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (\w+))", re.MULTILINE)
#: What is left of a module's ways in and out when those three are taken away.
UNKNOWN = re.compile(r"^(?:import|export|await)\b.*|\bimport(?:\.|\().*", re.MULTILINE)


def build(target: Path) -> None:
    """Build into a folder that exists only once it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=target.parent, prefix=".")) / "static"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("js"))
    for pattern, kind in (("css/*.css", "text/css"), ("icons/*.svg", "image/svg+xml")):
        for file in folder.glob(pattern):
            file.write_text(minify.string(kind, file.read_text(encoding="utf-8")), encoding="utf-8")
    for name, script in bundles(SOURCES / "js").items():
        file = folder / "js" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(minify.string("application/javascript", script), encoding="utf-8")
    compress(["--quiet", str(folder)])
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    shutil.rmtree(folder.parent)


def bundles(scripts: Path) -> dict[str, str]:
    """By its address below `scripts` a bundle for each script there, and for each that these load later."""
    scripts = scripts.resolve()
    numbers = {module: number for number, module in enumerate(sorted(scripts.rglob("*.js")))}
    done: dict[str, str] = {}
    waiting = sorted(scripts.glob("*.js"))
    while waiting:
        entry = waiting.pop()
        name = entry.relative_to(scripts).as_posix()
        if name not in done:
            modules = _with_imports(entry)
            done[name] = _bundle(modules, numbers)
            waiting += [
                _beside(module, address) for module in modules for address in LATER.findall(_read(module))
            ]
    return done


def _bundle(modules: list[Path], numbers: dict[Path, int]) -> str:
    """The modules as one script that runs the first of them.

    Bundles of one page may have modules in common: what a module has made stands where all of them find it,
    under the module's number.
    """
    entry = modules[0]
    functions = "".join(
        f"const m{number} = () => made[{number}] ??= (() => {{\n{_body(module, entry, numbers)}\n}})();\n"
        for module, number in numbers.items()
        if module in modules
    )
    made = "const made = globalThis.phxModules ??= [];"
    run = f"(() => {{\n{made}\n{functions}return m{numbers[entry]}(); }})();"
    names = ", ".join(EXPORT.findall(_read(entry)))
    return f"export const {{ {names} }} = {run}" if names else run


def _body(module: Path, entry: Path, numbers: dict[Path, int]) -> str:
    """What the module does, and then gives instead of exporting it."""

    def imported(found: re.Match[str]) -> str:
        names, address = found.groups()
        made = f"m{numbers[_beside(module, address)]}();"
        return f"const {names.removeprefix('* as ').replace(' as ', ': ')} = {made}" if names else made

    def later(found: re.Match[str]) -> str:
        # An address is told from where the bundle stands, which is where its entry stood.
        return f'import("./{_beside(module, found[1]).relative_to(entry.parent).as_posix()}")'

    text = _read(module)
    if unknown := UNKNOWN.search(EXPORT.sub("", LATER.sub("", IMPORT.sub("", text)))):
        raise SystemExit(f"{module.name}: cannot bundle “{unknown[0]}”. Write it as other modules do.")
    body = EXPORT.sub("", LATER.sub(later, IMPORT.sub(imported, text)))
    return f"{body}\nreturn {{ {', '.join(EXPORT.findall(text))} }};"


def _with_imports(module: Path, above: tuple[Path, ...] = ()) -> list[Path]:
    """The module, and after it each that it imports, once."""
    if module in above:
        raise SystemExit(f"{module.name} imports itself, by way of others: cannot bundle that.")
    found = [module]
    for _names, address in IMPORT.findall(_read(module)):
        others = _with_imports(_beside(module, address), (*above, module))
        found += [other for other in others if other not in found]
    return found


def _beside(module: Path, address: str) -> Path:
    return (module.parent / address).resolve()


def _read(module: Path) -> str:
    return module.read_text(encoding="utf-8")


if __name__ == "__main__":
    build(BUILT / digest(SOURCES))
