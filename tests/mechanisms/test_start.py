"""A web worker brings in what every page needs, and starts from what `make` compiled."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest
from alembic.script import ScriptDirectory
from flask_babel import force_locale

from pentahelix import compiled_templates, create_app, migrations
from pentahelix.config import Settings
from pentahelix.vocabulary import Language
from scripts import compile_templates

ROOT = Path(__file__).parent.parent.parent

#: What comes with the function that needs it, and who that is.
LATER = {
    "alembic": "whoever migrates",
    "apscheduler": "the scheduler",
    "email_validator": "an address that was typed",
    "filetype": "an uploaded file",
    "flask_migrate": "whoever migrates",
    "holidays": "the tick that fills in the years to come",
    "icalendar": "an invitation",
    "obstore": "a document that is stored or read",
    "phonenumbers": "a page with telephone numbers",
    "rapidfuzz": "a name that may be a duplicate",
    "typst": "minutes as PDF",
    "xlsxwriter": "a list as a spreadsheet",
    "zxcvbn_rs_py": "a new password",
}

STARTED = """
import sys, threading
born = []
begins = {"os.fork", "os.posix_spawn", "subprocess.Popen"}
sys.addaudithook(lambda event, _: event in begins and born.append(event))
from wsgi import app
from pentahelix.extensions import Entity
print(*sorted({name.partition(".")[0] for name in sys.modules}))
print(*[mapper.class_.__name__ for mapper in Entity.registry.mappers if mapper.configured])
print(app.test_client().get("/sign-in").status_code)
print(*[thread.name for thread in threading.enumerate()], *born)
"""


@pytest.fixture(scope="module")
def started(engines, tmp_path_factory):
    """What a web worker has loaded when it has started, the entities that it has set up; and, when it has
    answered, how, and the threads and processes that it has begun."""
    file = tmp_path_factory.mktemp("started") / "pentahelix.db"
    shutil.copyfile(engines["sqlite"].template, file)
    given = {"PHX_ENV": "test", "PHX_DATABASE_URL": f"sqlite:///{file}", "PHX_DOCUMENTS": str(file.parent)}
    ran = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={"PATH": os.environ["PATH"]} | given,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [line.split() for line in ran.stdout.splitlines()]


def test_a_worker_starts_without_what_few_pages_need(started):
    early = {name: LATER[name] for name in started[0] if name in LATER}
    assert early == {}, (
        "import it inside the function that needs it; `python -X importtime` shows who does not"
    )


def test_what_is_said_of_entities_waits_until_somebody_asks_for_one(started):
    assert started[1] == [], "load_only(…) and the like belong into functions: they set up all entities"


def test_c57_a_web_worker_runs_no_scheduler_however_many_there_are(started):
    assert started[2:] == [["200"], ["MainThread"]]


def test_the_newest_migration_is_the_one_that_alembic_finds():
    assert migrations.newest() == ScriptDirectory(str(migrations.FOLDER)).get_current_head()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An application that finds every template compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_templates, "BUILT", tmp_path_factory.mktemp("var") / "templates")
        house = create_app(Settings.for_tests())
        compile_templates.build(house, compiled_templates.BUILT / compiled_templates.digest(house))
        started = create_app(Settings.for_tests())
        compiled_templates.register(started)
    return started


def test_a_worker_compiles_no_template_again_and_speaks_the_language_of_the_reader(built, monkeypatch):
    monkeypatch.delattr(jinja2.Environment, "compile")
    spoken = set()
    for language in Language:
        with built.test_request_context(), force_locale(language):
            for name in built.jinja_env.list_templates():
                built.jinja_env.get_template(name)
            page = built.jinja_env.get_template("errors/404.html")
            spoken.add(page.blocks["title"].__code__.co_consts)
    assert len(spoken) == len(Language)


def test_texts_that_have_changed_ask_for_templates_compiled_anew(built, monkeypatch, tmp_path):
    before = compiled_templates.digest(built)
    texts = tmp_path / "messages.mo"
    texts.write_bytes(b"other texts")
    monkeypatch.setattr(compiled_templates, "_MADE_WITH", (*compiled_templates._MADE_WITH, texts))
    assert compiled_templates.digest(built) != before
