"""Follow-ups: their list, one of them, and what can be done with it.

?back= of an act is the page that its button stood on.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, pgettext

from pentahelix import clock
from pentahelix.blueprints import handed, held
from pentahelix.blueprints.followups.forms import (
    CancelForm,
    DoneForm,
    EditForm,
    NewForm,
    ReassignForm,
    SnoozeForm,
    offer_owners,
)
from pentahelix.blueprints.followups.listing import read_listing
from pentahelix.blueprints.followups.origin import read as read_origin, source_url
from pentahelix.blueprints.followups.spreadsheet import columns, lines
from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import FollowUp
from pentahelix.permissions import requires
from pentahelix.presentation import bare_name, day as written_day
from pentahelix.principal import signed_in
from pentahelix.queries import followups as lists
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import followups, settings
from pentahelix.vocabulary import FollowUpStatus, Priority

bp = Blueprint("followups", __name__)

#: What one press on the page of snoozing chooses, in days.
QUICK_SNOOZE = (1, 3, 7, 14)


@bp.get("/follow-ups")
@requires("followup.see")
def index() -> ResponseReturnValue:
    listing = read_listing(request.args, signed_in())
    found = lists.index(listing.filters, listing.sort, page_number(request.args.get("page")))
    return render_template(
        "followups/index.html",
        page=found.page,
        listing=listing,
        priorities=Priority,
        late=found.late,
        partner=lists.partner_named(listing.filters.partner_id),
        owners=followups.owners_of(listing.filters.cluster_id) if listing.filters.cluster_id else [],
    )


@bp.get("/follow-ups/export.xlsx")
@requires("followup.see")
def export() -> ResponseReturnValue:
    listing = read_listing(request.args, signed_in())
    rows = lists.export(listing.filters, listing.sort)
    return handed.spreadsheet(pgettext("menu", "Tindak lanjut"), columns(), lines(rows))


@bp.route("/follow-ups/new", methods=["GET", "POST"])
@requires("followup.assign")
def new() -> ResponseReturnValue:
    """Make one; the address names what it comes from (`origin.read`), and ?back= where to go on."""
    origin = read_origin(request.args)
    form = NewForm(data={"title": origin.title, "partner_id": origin.partner and origin.partner.id})
    cluster = form.choose_cluster(origin.clusters, origin.cluster)
    form.offer(cluster.id)
    today = clock.today(cluster.timezone)
    if form.validate_on_submit():
        with form.refusals():
            made = followups.make(form.wish(today, origin), signed_in())
            _say_made(made)
            return _back(made.id, origin.url)
    form.asked_on.data = today.isoformat()
    back = held.local_path(request.args.get("back")) or origin.url or url_for(".index")
    page = render_template("followups/new.html", form=form, origin=origin, cluster=cluster, back=back)
    return page, form.status


@bp.get("/follow-ups/<int:followup_id>")
@requires("followup.see")
def show(followup_id: int) -> ResponseReturnValue:
    follow_up = lists.one(followup_id)
    today = clock.today(follow_up.cluster.timezone)
    return render_template(
        "followups/show.html",
        follow_up=follow_up,
        today=today,
        form=DoneForm(obj=follow_up),
        source_url=source_url(follow_up),
    )


@bp.route("/follow-ups/<int:followup_id>/edit", methods=["GET", "POST"])
@requires("followup.assign")
def edit(followup_id: int) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, followup_id)
    form = EditForm(obj=follow_up)
    _must_be_changeable(follow_up, form)
    form.offer(follow_up.cluster_id)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(follow_up, form.expected_version())
            followups.edit(follow_up, form.wish(follow_up.cluster_id), form.reason.data, signed_in())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", followup_id=followup_id), 303)
    return render_template("followups/edit.html", form=form, follow_up=follow_up), form.status


@bp.route("/follow-ups/<int:followup_id>/done", methods=["GET", "POST"])
@requires("followup.do")
def done(followup_id: int) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, followup_id)
    form = DoneForm(obj=follow_up)
    _must_be_changeable(follow_up, form)
    if form.validate_on_submit():
        with form.refusals():
            undo = _undo(follow_up)
            followups.done(follow_up, form.result.data)
            notice(_("Tindak lanjut selesai."), undo=undo)
            return _back(followup_id)
    return render_template("followups/done.html", form=form, follow_up=follow_up), form.status


@bp.route("/follow-ups/<int:followup_id>/cancel", methods=["GET", "POST"])
@requires("followup.assign")
def cancel(followup_id: int) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, followup_id)
    form = CancelForm(obj=follow_up)
    _must_be_changeable(follow_up, form)
    if form.validate_on_submit():
        with form.refusals():
            undo = _undo(follow_up)
            followups.cancel(follow_up, form.reason.data or "")
            notice(_("Tindak lanjut dibatalkan."), undo=undo)
            return _back(followup_id)
    return render_template("followups/cancel.html", form=form, follow_up=follow_up), form.status


@bp.route("/follow-ups/<int:followup_id>/snooze", methods=["GET", "POST"])
@requires("followup.do")
def snooze(followup_id: int) -> ResponseReturnValue:
    follow_up = lists.one(followup_id)
    today, longest = clock.today(follow_up.cluster.timezone), settings.province().snooze_days
    form = SnoozeForm()
    form.obj = follow_up
    _must_be_changeable(follow_up, form)
    if form.validate_on_submit():
        assert form.until.data is not None
        with form.refusals():
            followups.snooze(follow_up, form.until.data)
            said = _("Pengingat ditunda sampai %(day)s. Tenggatnya tetap.", day=written_day(form.until.data))
            notice(said, undo=url_for(".wake", followup_id=followup_id))
            return _back(followup_id)
    quick = [today + timedelta(days=days) for days in QUICK_SNOOZE if days <= longest]
    page = render_template(
        "followups/snooze.html", form=form, follow_up=follow_up, quick=quick, longest=longest
    )
    return page, form.status


@bp.route("/follow-ups/<int:followup_id>/reassign", methods=["GET", "POST"])
@requires("followup.assign")
def reassign(followup_id: int) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, followup_id)
    form = ReassignForm()
    form.obj = follow_up
    _must_be_changeable(follow_up, form)
    offer_owners(form.owner_user_id, follow_up.cluster_id, but=follow_up.owner_user_id)
    if form.validate_on_submit():
        owner = form.owner_user_id.row
        assert owner is not None
        with form.refusals():
            followups.reassign(follow_up, owner.id, signed_in())
            notice(_("Tindak lanjut diserahkan kepada %(name)s.", name=bare_name(owner.name)))
            return _back(followup_id)
    return render_template("followups/reassign.html", form=form, follow_up=follow_up), form.status


# ── one press ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/follow-ups/<int:followup_id>/begin")
@requires("followup.do")
def begin(followup_id: int) -> ResponseReturnValue:
    return _press(followup_id, followups.begin, _("Tindak lanjut dalam proses."))


@bp.post("/follow-ups/<int:followup_id>/reopen")
@requires("followup.do")
def reopen(followup_id: int) -> ResponseReturnValue:
    """?to= is the state before, where it is an undoing."""
    begun = request.args.get("to") != FollowUpStatus.NOT_STARTED
    state = FollowUpStatus.IN_PROGRESS if begun else FollowUpStatus.NOT_STARTED
    said = _("Tindak lanjut dibuka kembali.")
    return _press(followup_id, lambda follow_up: followups.reopen(follow_up, state), said)


@bp.post("/follow-ups/<int:followup_id>/wake")
@requires("followup.do")
def wake(followup_id: int) -> ResponseReturnValue:
    said = _("Pengingat tidak ditunda lagi.")
    return _press(followup_id, lambda follow_up: followups.snooze(follow_up, None), said)


@bp.post("/follow-ups/<int:followup_id>/archive")
@requires("followup.assign")
def archive(followup_id: int) -> ResponseReturnValue:
    undo = url_for(".restore", followup_id=followup_id)
    return _press(followup_id, followups.archive, _("Tindak lanjut diarsipkan."), undo)


@bp.post("/follow-ups/<int:followup_id>/restore")
@requires("followup.assign")
def restore(followup_id: int) -> ResponseReturnValue:
    return _press(followup_id, followups.restore, _("Tindak lanjut dipulihkan."))


def _press(
    followup_id: int, act: Callable[[FollowUp], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, followup_id)
    return press(lambda: act(follow_up), said, _back_to(followup_id), undo)


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _must_be_changeable(follow_up: FollowUp, form: Form) -> None:
    """What is closed has no such page; but a form that comes a second time gets its first answer again."""
    if form.is_submitted():
        followups.must_not_be_archived(follow_up)
    else:
        followups.must_be_open(follow_up)


def _back(followup_id: int, source: str | None = None) -> ResponseReturnValue:
    """To the page that the button stood on, else to that of its source or of the follow-up."""
    return redirect(_back_to(followup_id, source), 303)


def _back_to(followup_id: int, source: str | None = None) -> str:
    back = held.local_path(request.args.get("back")) or source
    return back or url_for(".show", followup_id=followup_id)


def _undo(follow_up: FollowUp) -> str:
    back = held.local_path(request.args.get("back"))
    return url_for(".reopen", followup_id=follow_up.id, to=follow_up.status.value, back=back)


def _say_made(made: FollowUp) -> None:
    due = written_day(made.due_on)
    if made.assigned_by_user_id is None:
        notice(_("Tindak lanjut dibuat. Tenggatnya %(day)s.", day=due))
    else:
        notice(_("Tindak lanjut ditugaskan. Tenggatnya %(day)s.", day=due))
