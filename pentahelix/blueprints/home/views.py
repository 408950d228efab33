"""Where one lands: the day, the agenda, what waits, and what the phone's bar has no room for."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.blueprints.asked import day, word
from pentahelix.blueprints.chosen import chosen_cluster
from pentahelix.permissions import requires
from pentahelix.presentation import address_name
from pentahelix.principal import Principal, signed_in
from pentahelix.queries import agenda as agendas, clusters, today as days, waiting as waits
from pentahelix.queries.agenda import ONE_DAY, Who
from pentahelix.vocabulary import Role

bp = Blueprint("home", __name__)

#: On which page a role opens: the first of these that there is.
OPENING: dict[Role | None, tuple[str, ...]] = {
    Role.COORDINATOR: ("home.today",),
    Role.KABID: ("coverage.index", "clusters.index", "home.today"),
    Role.ADMIN: ("outbox.index", "admin.users", "home.more"),
    None: ("portal.index",),
}


@bp.get("/")
@requires("own.door")
def index() -> ResponseReturnValue:
    person = signed_in()
    if person.role is Role.ADMIN and clusters.none_yet():
        return redirect(url_for("clusters.index"), 303)
    pages = OPENING[person.role]
    return redirect(url_for(next(page for page in pages if page in current_app.view_functions)), 303)


@bp.get("/today")
@requires("agenda.see")
def today() -> ResponseReturnValue:
    person = signed_in()
    cluster = chosen_cluster()
    found = days.of(cluster, person) if cluster else None
    return render_template("home/today.html", greeting=_greeting(person), page=found, cluster=cluster)


@bp.get("/agenda")
@requires("agenda.see")
def agenda() -> ResponseReturnValue:
    """?who= is cluster, me or all; ?from= a day of the first week, or the first day of all clusters."""
    person = signed_in()
    cluster = chosen_cluster()
    usual = Who.CLUSTER if person.role is Role.COORDINATOR and cluster else Who.ALL
    who = word(Who, request.args.get("who")) or usual
    found = agendas.of(person, who, cluster, day(request.args.get("from")))
    return render_template(
        "home/agenda.html",
        page=found,
        cluster=cluster,
        who=who,
        earlier=found.first - ONE_DAY * len(found.days),
        later=found.last + ONE_DAY,
    )


@bp.get("/waiting")
@requires("own.account")
def waiting() -> ResponseReturnValue:
    return render_template("home/waiting.html", page=waits.of(signed_in()), shown=waits.SHOWN)


@bp.get("/more")
@requires("own.account")
def more() -> ResponseReturnValue:
    return render_template("home/more.html")


def _greeting(person: Principal) -> str:
    """By the hour where the person is."""
    hour, name = clock.local(clock.now(), person.timezone).hour, address_name(person)
    if hour < 4 or hour >= 18:
        return str(_("Selamat malam, %(name)s", name=name))
    if hour < 11:
        return str(_("Selamat pagi, %(name)s", name=name))
    if hour < 15:
        return str(_("Selamat siang, %(name)s", name=name))
    return str(_("Selamat sore, %(name)s", name=name))
