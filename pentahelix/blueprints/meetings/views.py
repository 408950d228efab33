"""Meetings: the list, one of them, recording, planning, editing, and the minutes as a paper."""

from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from pentahelix.blueprints import handed
from pentahelix.blueprints.asked import named, number
from pentahelix.blueprints.forms import ButtonForm, Form
from pentahelix.blueprints.meetings import papers
from pentahelix.blueprints.meetings.forms import MeetingForm, PlanForm, RecordForm, as_drawn
from pentahelix.blueprints.meetings.listing import read_filters
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.blueprints.unstored import unstored
from pentahelix.editing import expect_version
from pentahelix.models import Meeting, Partner
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import contacts, documents, meeting_form, meetings as lists
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import meetings
from pentahelix.services.minutes import must_be_recorded
from pentahelix.vocabulary import MeetingKind, MeetingStatus

bp = Blueprint("meetings", __name__)


@bp.get("/meetings")
@requires("meeting.see")
def index() -> ResponseReturnValue:
    filters = read_filters(request.args)
    sort = request.args.get("sort", "")
    sort = sort if sort in lists.SORTS else "near"
    return render_template(
        "meetings/index.html",
        page=lists.index(filters, sort, page_number(request.args.get("page"))),
        filters=filters,
        sort=sort,
        kinds=list(MeetingKind),
        statuses=list(MeetingStatus),
    )


@bp.get("/meetings/<int:meeting_id>")
@requires("meeting.see")
def show(meeting_id: int) -> ResponseReturnValue:
    return _shown(meeting_id)


def _shown(meeting_id: int, form: Form | None = None) -> ResponseReturnValue:
    """The page of a meeting; `form` is a button of it that was refused, and says why above."""
    page = lists.one(meeting_id)
    papers = documents.of(page.meeting)
    answer = render_template("meetings/show.html", page=page, documents=papers, form=form)
    return answer, form.status if form else 200


@bp.get("/meetings/<int:meeting_id>/minutes.pdf")
@requires("meeting.see")
def minutes(meeting_id: int) -> ResponseReturnValue:
    page = lists.one(meeting_id)
    must_be_recorded(page.meeting)
    return handed.out(papers.minutes_of(page), "application/pdf", papers.file_name(page.meeting))


@bp.route("/meetings/new", methods=["GET", "POST"])
@requires("meeting.edit")
def new() -> ResponseReturnValue:
    """Record a meeting, or plan one with ?plan=1; ?cluster= and ?partner= fill in where, and with whom."""
    planned = "plan" in request.args
    form = _new_form(PlanForm if planned else RecordForm)
    if form.validate_on_submit():
        with form.refusals():
            wish, by = form.wish(), signed_in()
            meeting = meetings.plan(wish) if planned else meetings.record(wish, by)
            _say_kept(meeting, len(wish.items))
            return redirect(url_for(".show", meeting_id=meeting.id), 303)
    return render_template("meetings/form.html", form=form, meeting=None, existing=[]), form.status


@bp.route("/meetings/<int:meeting_id>/record", methods=["GET", "POST"])
@requires("meeting.edit")
def record(meeting_id: int) -> ResponseReturnValue:
    """Record a planned meeting; the form comes filled with what was planned."""
    meeting = get_or_404(Meeting, meeting_id)
    meetings.must_be_planned(meeting)
    form = RecordForm(obj=meeting, **as_drawn(meeting)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(meeting, form.expected_version())
            wish = form.wish()
            meetings.hold(meeting, wish, signed_in())
            _say_kept(meeting, len(wish.items))
            return redirect(url_for(".show", meeting_id=meeting_id), 303)
    return render_template("meetings/form.html", form=form, meeting=meeting, existing=[]), form.status


@bp.route("/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@requires("meeting.edit")
def edit(meeting_id: int) -> ResponseReturnValue:
    meeting = get_or_404(Meeting, meeting_id)
    meetings.must_be_open_to_change(meeting)
    kind = RecordForm if meeting.status == MeetingStatus.HELD else PlanForm
    form = kind(obj=meeting, **as_drawn(meeting)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(meeting, form.expected_version())
            meetings.edit(meeting, form.wish(), signed_in())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", meeting_id=meeting_id), 303)
    existing = lists.follow_ups_of(meeting_id)
    return render_template("meetings/form.html", form=form, meeting=meeting, existing=existing), form.status


@bp.route("/meetings/<int:meeting_id>/cancel", methods=["GET", "POST"])
@requires("meeting.edit")
def cancel(meeting_id: int) -> ResponseReturnValue:
    meeting = get_or_404(Meeting, meeting_id)
    meetings.must_be_planned(meeting)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            meetings.cancel(meeting)
            notice(_("Rapat dibatalkan. Tidak ada surel yang dikirim; kabari yang akan hadir."))
            return redirect(url_for(".show", meeting_id=meeting_id), 303)
    return render_template("meetings/cancel.html", form=form, page=lists.one(meeting_id)), form.status


@bp.post("/meetings/<int:meeting_id>/archive")
@requires("meeting.edit")
def archive(meeting_id: int) -> ResponseReturnValue:
    return _press(
        meeting_id, meetings.archive, _("Rapat diarsipkan."), url_for(".restore", meeting_id=meeting_id)
    )


@bp.post("/meetings/<int:meeting_id>/restore")
@requires("meeting.edit")
def restore(meeting_id: int) -> ResponseReturnValue:
    return _press(meeting_id, meetings.restore, _("Rapat dipulihkan."))


def _press(
    meeting_id: int, act: Callable[[Meeting], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    meeting = get_or_404(Meeting, meeting_id)
    to = url_for(".show", meeting_id=meeting_id)
    return press(lambda: act(meeting), said, to, undo, refused=lambda form: _shown(meeting_id, form))


# ── what the form asks for while it is filled in ────────────────────────────────────────────────────────────


@bp.get("/meetings/suggest")
@requires("meeting.edit")
def suggest() -> ResponseReturnValue:
    """At most ten partners by the beginnings of their words, as JSON, and a sentence that says how many.

    Where there is none, the way to add one.
    """
    typed = request.args.get("q", "")
    choices = meeting_form.suggest(typed)
    said = ngettext("%(num)s mitra cocok.", "%(num)s mitra cocok.", len(choices))
    return unstored(
        jsonify(
            said=said if choices else _("Tidak ada mitra yang cocok."),
            choices=[
                {
                    "id": choice.id,
                    "name": choice.name,
                    "helix": choice.helix,
                    "clusters": sorted(choice.cluster_ids),
                }
                for choice in choices
            ]
            or [
                {
                    "url": url_for("partners.new", name=typed),
                    "name": _("Tambah mitra baru “%(typed)s”", typed=typed),
                    "helix": "new",
                }
            ],
        )
    )


@bp.get("/meetings/partners/<int:partner_id>")
@requires("meeting.edit")
def partner(partner_id: int) -> ResponseReturnValue:
    """What the form shows once this partner is chosen: its contacts, and what was left open last time."""
    chosen = meeting_form.partners([partner_id]) or abort(404)
    # Rendered without the context of a page, whose bars would ask the database.
    page = current_app.jinja_env.get_template("meetings/_partner.html").render(
        partner=chosen[0],
        contacts=contacts.of_partners([partner_id]),
        unfinished=meeting_form.unfinished([partner_id]),
    )
    return unstored(Response(page))


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _new_form(kind: type[PlanForm] | type[RecordForm]) -> MeetingForm:
    partner = named(request.args, Partner, "partner")
    chosen = [partner.id] if partner and not partner.is_archived else []
    form = kind(partner_ids=chosen, cluster_id=number(request.args.get("cluster"))).offer()
    return form if form.is_submitted() else form.preset()


def _say_kept(meeting: Meeting, items: int) -> None:
    if meeting.status == MeetingStatus.PLANNED:
        notice(_("Rapat direncanakan. Tidak ada surel yang dikirim; kabari yang akan hadir."))
        return
    text = _("Rapat tercatat.")
    if items:
        text = ngettext(
            "Rapat tercatat. %(num)s tindak lanjut masuk daftar.",
            "Rapat tercatat. %(num)s tindak lanjut masuk daftar.",
            items,
        )
    notice(text, then=(_("Kirim notula"), url_for(".send_minutes", meeting_id=meeting.id)))
