"""Compiles every template in every language: `python -m scripts.compile_templates`.

The result lies in var/templates, where workers find it (pentahelix/compiled_templates.py).
"""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from flask import Flask
from flask_babel import force_locale
from jinja2.bccache import Bucket

from pentahelix import compiled_templates, create_app
from pentahelix.compiled_templates import Compiled
from pentahelix.config import Settings
from pentahelix.vocabulary import Language


class Compiling(Compiled):
    def dump_bytecode(self, bucket: Bucket) -> None:
        file = self.file(bucket)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as content:
            bucket.write_bytecode(content)


def build(app: Flask, target: Path) -> None:
    """Build into a folder that exists only once it is whole, and forget those of before."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for older in target.parent.iterdir():
        shutil.rmtree(older)
    folder = Path(mkdtemp(dir=target.parent, prefix="."))
    app.jinja_env.bytecode_cache = Compiling(folder)
    for language in Language:
        with app.test_request_context(), force_locale(language):
            for name in app.jinja_env.list_templates():
                app.jinja_env.get_template(name)
    folder.chmod(0o755)
    folder.rename(target)


if __name__ == "__main__":
    house = create_app(Settings(env="test"))
    build(house, compiled_templates.BUILT / compiled_templates.digest(house))
