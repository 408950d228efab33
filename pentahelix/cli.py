"""`flask …`: what an operator does on the command line."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from pentahelix import clock, migrations

demo = AppGroup("demo", help="The demonstration with invented data.")


def register(app: Flask) -> None:
    from pentahelix.commands import users, verify

    app.cli.add_command(users.group)
    app.cli.add_command(verify.command)
    app.cli.add_command(scheduler)
    # It makes accounts whose password everybody knows, and takes a database away to start afresh.
    if app.extensions["settings"].env != "production":
        app.cli.add_command(demo)
    # Not for a web worker, which never migrates.
    if click.get_current_context(silent=True):
        migrations.register(app)


@click.command()
def scheduler() -> None:
    """Run the jobs beside the web server, until SIGTERM."""
    from pentahelix import scheduler as jobs
    from pentahelix.readiness import ready_app

    jobs.run(ready_app())


@demo.command("serve")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reset", is_flag=True, help="Start afresh, without the data of the last time.")
@click.option("--reload", is_flag=True, help="Take up changed code.")
def serve(port: int, *, reset: bool, reload: bool) -> None:
    """Migrate, load, and run web server and scheduler until Ctrl-C."""
    from pentahelix.demo.serve import serve as run

    run(current_app._get_current_object(), port=port, reset=reset, reload=reload)  # type: ignore[attr-defined]


@demo.command("load")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if loaded on that day.")
@with_appcontext
def load(day: object) -> None:
    """Load the pilot cluster into an empty database."""
    from pentahelix.demo import loader

    loader.load(day.date() if hasattr(day, "date") else clock.today())


@demo.command("large")
@click.option("--partners", default=2_000, show_default=True)
@click.option("--contacts", default=4_000, show_default=True)
@click.option("--clusters", default=400, show_default=True)
@click.option("--activities", default=20_000, show_default=True, help="Meetings, log entries, follow-ups.")
@click.option("--seed", default=1, show_default=True)
@with_appcontext
def large(partners: int, contacts: int, clusters: int, activities: int, seed: int) -> None:
    """Fill an empty database with much data, the same for the same seed, for benchmarks."""
    from pentahelix.demo.large import Size, fill

    fill(Size(partners, contacts, clusters, activities), seed=seed, today=clock.today())
