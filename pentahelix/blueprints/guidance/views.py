"""Guidance sessions: the list, one of them, planning, moving, calling off, recording what came of it."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from pentahelix.blueprints import handed
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.guidance import checks, page
from pentahelix.blueprints.guidance.forms import EditForm, PlanForm, RescheduleForm, as_drawn
from pentahelix.blueprints.guidance.listing import read_filters
from pentahelix.blueprints.guidance.outcome import CancelForm, RecordForm, came
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.blueprints.unstored import unstored
from pentahelix.editing import expect_version
from pentahelix.models import GuidanceSession
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import guidance as queries, guidance_list, invited, meeting_form
from pentahelix.queries.page import page_number
from pentahelix.refusals import WrongState
from pentahelix.scope import get_or_404
from pentahelix.services import guidance as service
from pentahelix.vocabulary import GuidanceKind, GuidanceStatus, Role

bp = Blueprint("guidance", __name__)


@bp.get("/guidance")
@requires("guidance.see")
def index() -> ResponseReturnValue:
    filters = read_filters(request.args)
    sort = request.args.get("sort", "")
    sort = sort if sort in guidance_list.SORTS else "near"
    person = signed_in()
    several = person.role is not Role.COORDINATOR or len(person.cluster_ids) > 1
    return render_template(
        "guidance/index.html",
        page=guidance_list.index(filters, sort, page_number(request.args.get("page"))),
        filters=filters,
        sort=sort,
        kinds=list(GuidanceKind),
        statuses=list(GuidanceStatus),
        clusters=meeting_form.clusters(person) if several else [],
    )


@bp.get("/guidance/<int:guidance_id>")
@requires("guidance.see")
def show(guidance_id: int) -> ResponseReturnValue:
    return shown(guidance_id)


def shown(guidance_id: int, form: Form | None = None) -> ResponseReturnValue:
    """The page of a session; `form` is a button of it that was refused, and says why above."""
    found = page.of(guidance_id)
    answer = render_template("guidance/show.html", shown=found, form=form)
    return answer, form.status if form else 200


@bp.get("/guidance/<int:guidance_id>/calendar.ics")
@requires("guidance.see")
def calendar(guidance_id: int) -> ResponseReturnValue:
    return handed.calendar(queries.one(guidance_id).guidance, f"pentahelix-{guidance_id}.ics")


@bp.route("/guidance/new", methods=["GET", "POST"])
@requires("guidance.edit")
def new() -> ResponseReturnValue:
    """Plan a session; ?cluster= and ?partner= fill in where, and with whom."""
    form = PlanForm().offer(number(request.args.get("cluster")))
    if not form.is_submitted():
        form.preset(number(request.args.get("partner")))
    if form.validate_on_submit():
        with form.refusals():
            guidance = service.plan(form.wish(), signed_in())
            notice(_said_planned(*invited.mailed(guidance.id)))
            return redirect(url_for(".show", guidance_id=guidance.id), 303)
    return render_template("guidance/new.html", form=form), form.status


@bp.route("/guidance/<int:guidance_id>/edit", methods=["GET", "POST"])
@requires("guidance.edit")
def edit(guidance_id: int) -> ResponseReturnValue:
    guidance = get_or_404(GuidanceSession, guidance_id)
    service.must_be_planned(guidance)
    form = EditForm(obj=guidance, **as_drawn(guidance)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(guidance, form.expected_version())
            moved = (guidance.place, guidance.link) != (form.place.data, form.link.data)
            service.edit(guidance, form.wish())
            told = _("Perubahan tersimpan. Yang diundang menerima surel “Tempat berubah”.")
            notice(told if moved and invited.mailed(guidance_id)[1] else _("Perubahan tersimpan."))
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return render_template("guidance/edit.html", form=form), form.status


@bp.route("/guidance/<int:guidance_id>/reschedule", methods=["GET", "POST"])
@requires("guidance.edit")
def reschedule(guidance_id: int) -> ResponseReturnValue:
    guidance = get_or_404(GuidanceSession, guidance_id)
    service.must_be_planned(guidance)
    form = RescheduleForm(obj=guidance, **as_drawn(guidance)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(guidance, form.expected_version())
            service.reschedule(guidance, *form.times())
            notice(_said_moved(invited.mailed(guidance_id)[0]))
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return render_template("guidance/reschedule.html", form=form), form.status


@bp.route("/guidance/<int:guidance_id>/cancel", methods=["GET", "POST"])
@requires("guidance.edit")
def cancel(guidance_id: int) -> ResponseReturnValue:
    guidance = get_or_404(GuidanceSession, guidance_id)
    service.must_be_planned(guidance)
    form = CancelForm()
    if form.validate_on_submit():
        with form.refusals():
            told = invited.mailed(guidance_id)[1]
            service.cancel(guidance, form.reason.data)
            notice(_said_cancelled(told))
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return render_template("guidance/cancel.html", form=form, page=queries.one(guidance_id)), form.status


@bp.route("/guidance/<int:guidance_id>/record", methods=["GET", "POST"])
@requires("guidance.edit")
def record(guidance_id: int) -> ResponseReturnValue:
    """Who came and what came of it; of a session that was recorded before, correct that."""
    found = page.of(guidance_id)
    guidance, everybody = found.guidance, found.page.everybody
    service.must_not_be_archived(guidance)
    if not found.may_be_recorded:
        raise WrongState(_("Hasilnya dicatat setelah bimbingan dimulai."))
    form = RecordForm(obj=guidance, attended_ids=came(everybody)).offer(everybody)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(guidance, form.expected_version())
            service.record(guidance, form.wish())
            notice(_("Hasil bimbingan tercatat."))
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return render_template("guidance/record.html", form=form, page=found.page), form.status


@bp.post("/guidance/<int:guidance_id>/archive")
@requires("guidance.edit")
def archive(guidance_id: int) -> ResponseReturnValue:
    undo = url_for(".restore", guidance_id=guidance_id)
    return _press(guidance_id, service.archive, _("Bimbingan diarsipkan."), undo)


@bp.post("/guidance/<int:guidance_id>/restore")
@requires("guidance.edit")
def restore(guidance_id: int) -> ResponseReturnValue:
    return _press(guidance_id, service.restore, _("Bimbingan dipulihkan."))


def _press(
    guidance_id: int, act: Callable[[GuidanceSession], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    guidance = get_or_404(GuidanceSession, guidance_id)
    to = url_for(".show", guidance_id=guidance_id)
    return press(lambda: act(guidance), said, to, undo, refused=lambda form: shown(guidance_id, form))


# ── what the forms ask for while they are filled in ─────────────────────────────────────────────────────────


@bp.get("/guidance/check")
@requires("guidance.edit")
def check() -> ResponseReturnValue:
    """What may be a mistake in the plan of the query, as parts of the page."""
    cluster = checks.cluster_of(request.args)
    found = checks.warnings_of(request.args, cluster)
    # Rendered without the context of a page, whose bars would ask the database.
    template = current_app.jinja_env.get_template("guidance/_check.html")
    return unstored(Response(template.render(warnings=found, zone=cluster.timezone)))


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _said_planned(invited: int, mailed: int) -> str:
    if not invited:
        return str(_("Bimbingan direncanakan. Undang narasumber dan mitra dari halaman ini."))
    sent = ngettext(
        "Bimbingan direncanakan; undangan dikirim kepada %(num)s orang.",
        "Bimbingan direncanakan; undangan dikirim kepada %(num)s orang.",
        mailed,
    )
    return f"{sent} {said_unmailed(invited - mailed)}".strip()


def said_unmailed(number: int) -> str:
    """Of those whom no mail reaches."""
    text: str = ngettext(
        "%(num)s orang tidak dapat disurati; undang lewat WhatsApp atau telepon.",
        "%(num)s orang tidak dapat disurati; undang lewat WhatsApp atau telepon.",
        number,
    )
    return text if number > 0 else ""


def _said_moved(invited: int) -> str:
    if not invited:
        return str(_("Jadwal diubah."))
    text: str = ngettext(
        "Jadwal diubah; %(num)s orang ditanya ulang.", "Jadwal diubah; %(num)s orang ditanya ulang.", invited
    )
    return text


def _said_cancelled(told: int) -> str:
    if not told:
        return str(_("Bimbingan dibatalkan. Belum ada undangan yang terkirim, jadi tidak ada surel."))
    text: str = ngettext(
        "Bimbingan dibatalkan; kabar dikirim kepada %(num)s orang.",
        "Bimbingan dibatalkan; kabar dikirim kepada %(num)s orang.",
        told,
    )
    return text


# What is done with single invitations adds its routes to the blueprint above.
from pentahelix.blueprints.guidance import invitations  # noqa: E402, F401
