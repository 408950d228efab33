"""Templates that `make` compiled, so that no worker does it again for the first reader of each page.

A compiled template has texts, signs and the address of the assets in it. The digest of all that names the
folder, and Jinja itself compares the source: what was compiled can never be older than what it is made of.
"""

import hashlib
from pathlib import Path

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "var" / "templates"
_MADE_WITH = (ROOT / "pentahelix" / "templating.py", *ROOT.glob("pentahelix/translations/*/*/*.mo"))


class Compiled(BytecodeCache):
    """What lies in `folder`, for each language; nothing is ever put there by who only reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        file = self.file(bucket)
        if file.is_file():
            with file.open("rb") as content:
                bucket.load_bytecode(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        pass

    def file(self, bucket: Bucket) -> Path:
        language: str = bucket.environment.language  # type: ignore[attr-defined]
        return self.folder / language / bucket.key


def digest(app: Flask) -> str:
    told = hashlib.sha256(f"{jinja2.__version__} {app.static_url_path}".encode())
    for file in sorted(_MADE_WITH):
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


def register(app: Flask) -> None:
    app.jinja_env.bytecode_cache = Compiled(BUILT / digest(app))
