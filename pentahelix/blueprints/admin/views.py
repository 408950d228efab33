"""What the administrator keeps: accounts, settings, holidays; and the trail of everything."""

from datetime import date
from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session as cookie,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext as _

from pentahelix import clock, models as m, scope
from pentahelix.blueprints import held
from pentahelix.blueprints.admin.forms import (
    HolidayForm,
    NewUserForm,
    OthersPasswordForm,
    SettingsForm,
    UserForm,
)
from pentahelix.blueprints.admin.links import PAGES, record_url
from pentahelix.blueprints.asked import day as day_asked, number, word
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.blueprints.unstored import unstored
from pentahelix.extensions import Entity
from pentahelix.permissions import requires
from pentahelix.presentation import day_long
from pentahelix.principal import signed_in
from pentahelix.queries import holidays as calendar, trail as trails, users as listed
from pentahelix.queries.page import page_number
from pentahelix.queries.trail_words import NOUNS
from pentahelix.services import accounts, doors, holidays as days, settings as province, users as people
from pentahelix.vocabulary import ActorKind, AuditAction, Role

bp = Blueprint("admin", __name__)
bp.add_app_template_global(record_url)

#: Where the browser keeps a password between making it and showing it once: whose, and what.
HANDED_OVER = "handed_over"

#: The records that have a page, and therefore a trail of their own.
RECORDS: dict[str, type[Entity]] = {
    noun: mapper.class_
    for mapper in Entity.registry.mappers
    if (noun := mapper.class_.__tablename__) in PAGES
}


# ---------------------------------------------------------------------------------------------------------
# Accounts


@bp.get("/admin/users")
@requires("account.manage")
def users() -> ResponseReturnValue:
    filters = listed.Filters(
        typed=request.args.get("q", "").strip(),
        role=word(Role, request.args.get("role")),
        standing=word(listed.Standing, request.args.get("standing")) or listed.Standing.ACTIVE,
    )
    asked = request.args.get("sort", "")
    sort = asked if asked in listed.SORTS else "name"
    page = listed.index(filters, sort, page_number(request.args.get("page")))
    return render_template("admin/users.html", page=page, filters=filters, sort=sort, roles=list(Role))


@bp.route("/admin/users/new", methods=["GET", "POST"])
@requires("account.manage")
def user_new() -> ResponseReturnValue:
    form = NewUserForm()
    if form.validate_on_submit():
        with form.refusals():
            user = people.make(form.wish(), form.digest)
            _hand_over(user.id, form.generated)
            if form.is_invitation:
                doors.invite(user)
                flash(_("Akun %(name)s dibuat; undangannya segera dikirim.", name=user.name))
            else:
                flash(_("Akun %(name)s dibuat.", name=user.name))
            return redirect(url_for(".user_show", user_id=user.id), 303)
    return render_template("admin/user_new.html", form=form), form.status


@bp.get("/admin/users/<int:user_id>")
@requires("account.manage")
def user_show(user_id: int) -> ResponseReturnValue:
    user = listed.one(scope.get_or_404(m.User, user_id))
    owner, password = cookie.get(HANDED_OVER) or (None, None)
    if owner == user_id:
        cookie.pop(HANDED_OVER)
    page = render_template(
        "admin/user.html",
        user=user,
        password=password if owner == user_id else None,
        devices=listed.open_sessions(user_id),
        last_sign_in=listed.last_sign_in(user_id),
        invited_at=listed.invited_at(user_id),
    )
    return unstored(make_response(page))


@bp.route("/admin/users/<int:user_id>/edit", methods=["GET", "POST"])
@requires("account.manage")
def user_edit(user_id: int) -> ResponseReturnValue:
    user = scope.get_or_404(m.User, user_id)
    name = user.name
    form = UserForm(obj=user)
    if form.validate_on_submit():
        with form.refusals():
            people.edit(user, form.wish(), form.expected_version())
            flash(_("Akun %(name)s tersimpan. Perubahan berlaku seketika.", name=user.name))
            return redirect(url_for(".user_show", user_id=user_id), 303)
    return render_template("admin/user_edit.html", form=form, user_id=user_id, name=name), form.status


@bp.route("/admin/users/<int:user_id>/password", methods=["GET", "POST"])
@requires("account.manage")
def user_password(user_id: int) -> ResponseReturnValue:
    """A new password for somebody who has lost theirs, or has never had one."""
    user = scope.get_or_404(m.User, user_id)
    name, has_email = user.name, user.email is not None
    form = OthersPasswordForm(accounts.own_words(accounts.facts(user_id)))
    if form.validate_on_submit():
        with form.refusals():
            assert form.digest is not None
            people.set_password(user, form.digest)
            _hand_over(user_id, form.generated)
            flash(_("Kata sandi %(name)s diganti; semua perangkatnya dikeluarkan.", name=user.name))
            return redirect(url_for(".user_show", user_id=user_id), 303)
    page = render_template(
        "admin/user_password.html", form=form, user_id=user_id, name=name, has_email=has_email
    )
    return page, form.status


@bp.post("/admin/users/<int:user_id>/invite")
@requires("account.manage")
def user_invite(user_id: int) -> ResponseReturnValue:
    user, to = scope.get_or_404(m.User, user_id), url_for(".user_show", user_id=user_id)
    said = _("Undangan segera dikirim ke %(email)s.", email=user.email)
    return press(lambda: doors.invite(user), said, to)


@bp.post("/admin/users/<int:user_id>/deactivate")
@requires("account.manage")
def user_deactivate(user_id: int) -> ResponseReturnValue:
    user, to = scope.get_or_404(m.User, user_id), url_for(".user_show", user_id=user_id)
    said = _("Akun %(name)s dinonaktifkan; ia sudah dikeluarkan.", name=user.name)
    return press(lambda: people.deactivate(user), said, to, url_for(".user_reactivate", user_id=user_id))


@bp.post("/admin/users/<int:user_id>/reactivate")
@requires("account.manage")
def user_reactivate(user_id: int) -> ResponseReturnValue:
    user, to = scope.get_or_404(m.User, user_id), url_for(".user_show", user_id=user_id)
    return press(lambda: people.reactivate(user), _("Akun %(name)s aktif lagi.", name=user.name), to)


def _hand_over(user_id: int, password: str | None) -> None:
    if password:
        cookie[HANDED_OVER] = [user_id, password]


# ---------------------------------------------------------------------------------------------------------
# Settings and holidays


@bp.route("/admin/settings", methods=["GET", "POST"])
@requires("setting.thresholds")
def settings() -> ResponseReturnValue:
    form = SettingsForm(may_name=signed_in().may("setting.edit"))
    if form.validate_on_submit():
        with form.refusals():
            province.edit(form.wish(), form.expected_version())
            flash(_("Pengaturan tersimpan dan berlaku seketika."))
            return redirect(url_for(".settings"), 303)
    return render_template("admin/settings.html", form=form), form.status


@bp.route("/admin/holidays", methods=["GET", "POST"])
@requires("setting.edit")
def holidays() -> ResponseReturnValue:
    form = HolidayForm()
    if form.validate_on_submit():
        with form.refusals():
            assert form.day.data is not None
            row = days.add(form.day.data, str(form.name.data))
            flash(_("%(name)s ditambahkan sebagai hari libur.", name=row.name))
            return redirect(url_for(".holidays", year=row.day.year), 303)
    year = _year(request.args.get("year"))
    rows = calendar.of_year(year, str(get_locale() or "id"))
    coming = next((row for row in rows if row.is_holiday and row.day >= clock.today()), None)
    page = render_template("admin/holidays.html", form=form, year=year, rows=rows, coming=coming)
    return page, form.status


@bp.post("/admin/holidays/<day>/work")
@requires("setting.edit")
def holiday_work(day: str) -> ResponseReturnValue:
    found = _day(day)
    form = ButtonForm()
    if form.validate_on_submit():
        to = url_for(".holidays", year=found.year)
        if name := days.make_working(found):
            said = _("%(name)s dihapus dari hari libur.", name=name)
            notice(said, undo=to, undo_fields={"day": found.isoformat(), "name": name})
        else:
            said = _("%(day)s dijadikan hari kerja.", day=day_long(found))
            notice(said, undo=url_for(".holiday_restore", day=day))
        return redirect(to, 303)
    return held.again(form)


@bp.post("/admin/holidays/<day>/restore")
@requires("setting.edit")
def holiday_restore(day: str) -> ResponseReturnValue:
    found = _day(day)
    to = url_for(".holidays", year=found.year)
    return press(lambda: days.restore(found), _("%(day)s libur lagi.", day=day_long(found)), to)


def _year(text: str | None) -> int:
    year = int(text) if text and text.isascii() and text.isdecimal() and len(text) == 4 else 0
    return year if 2000 <= year < 2100 else clock.today().year


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(404)
    return found if 2000 <= found.year < 2100 else abort(404)


# ---------------------------------------------------------------------------------------------------------
# The trail


@bp.get("/admin/trail")
@requires("trail.whole")
def trail() -> ResponseReturnValue:
    filters = _trail_filters()
    found = trails.whole(filters, request.args.get("before"))
    who = [(kind.value, kind.label) for kind in ActorKind if kind != ActorKind.USER]
    who += [(f"u:{user.id}", user.name) for user in listed.actors()]
    actions = [(action.value, action.label) for action in AuditAction]
    page = {"trail": found, "filters": filters, "who": who, "nouns": NOUNS, "actions": actions}
    return render_template("admin/trail.html", **page)


@bp.get("/trail/<noun>/<int:object_id>")
@requires("trail.record")
def record_trail(noun: str, object_id: int) -> ResponseReturnValue:
    """What happened to one record; who may not see the record does not see its trail."""
    entity = RECORDS.get(noun)
    if entity is None or (entity is m.User and not signed_in().may("account.manage")):
        abort(404)
    record: Any = scope.get_or_404(entity, object_id)
    name = next(getattr(record, word) for word in ("name", "title", "topic") if hasattr(record, word))
    found = trails.of_record(noun, object_id, request.args.get("before"))
    return render_template("admin/record_trail.html", trail=found, noun=noun, object_id=object_id, name=name)


def _trail_filters() -> trails.Filters:
    who = request.args.get("who", "")
    noun = request.args.get("noun")
    return trails.Filters(
        user_id=number(who.removeprefix("u:")) if who.startswith("u:") else None,
        kind=word(ActorKind, who),
        noun=noun if noun in NOUNS else None,
        action=word(AuditAction, request.args.get("action")),
        day=day_asked(request.args.get("day")),
    )
