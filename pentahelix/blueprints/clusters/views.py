"""Clusters: the list, one of them, who works there, and the page on which one chooses the own."""

from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix import clock, presentation
from pentahelix.blueprints import held
from pentahelix.blueprints.asked import number, word
from pentahelix.blueprints.clusters.forms import ChoiceForm, ClusterForm, MemberForm
from pentahelix.blueprints.clusters.listing import read_filters, typed
from pentahelix.blueprints.coverage import words
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import Cluster, User
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import cluster_page, clusters as lists, coordinators, coverage
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import clusters

bp = Blueprint("clusters", __name__)

E = TypeVar("E", Cluster, User)


@bp.get("/clusters")
@requires("cluster.see")
def index() -> ResponseReturnValue:
    filters = read_filters(request.args)
    sort = word(lists.Sort, request.args.get("sort", "")) or lists.Sort.NAME
    found = lists.index(filters, sort, page_number(request.args.get("page")))
    return render_template("clusters/index.html", found=found, page=found.page, filters=filters, sort=sort)


@bp.get("/clusters/<int:cluster_id>")
@requires("cluster.see")
def show(cluster_id: int) -> ResponseReturnValue:
    page = cluster_page.one(cluster_id)
    zone = presentation.zone_letters(clock.now(), page.cluster.timezone)
    cells = [] if page.cluster.is_archived else coverage.cells_of(cluster_id)
    faces = tuple((cell.helix, words.face(cell)) for cell in cells)
    return render_template("clusters/show.html", page=page, zone=zone, shown=cluster_page.SHOWN, faces=faces)


@bp.route("/clusters/new", methods=["GET", "POST"])
@requires("cluster.create")
def new() -> ResponseReturnValue:
    form = ClusterForm()
    if form.validate_on_submit():
        with form.refusals():
            cluster = clusters.make(form.wish())
            add_school = url_for("schools.new", cluster_id=cluster.id)
            notice(
                _("Klaster tersimpan. Tambahkan sekolah dan koordinatornya."),
                then=(_("Tambah sekolah"), add_school),
            )
            return redirect(url_for(".show", cluster_id=cluster.id), 303)
    return render_template("clusters/form.html", form=form, cluster=None), form.status


@bp.route("/clusters/<int:cluster_id>/edit", methods=["GET", "POST"])
@requires("cluster.edit")
def edit(cluster_id: int) -> ResponseReturnValue:
    cluster = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(cluster)
    form = ClusterForm(obj=cluster)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(cluster, form.expected_version())
            clusters.edit(cluster, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", cluster_id=cluster_id), 303)
    return render_template("clusters/form.html", form=form, cluster=cluster), form.status


@bp.post("/clusters/<int:cluster_id>/archive")
@requires("cluster.edit")
def archive(cluster_id: int) -> ResponseReturnValue:
    cluster, to = get_or_404(Cluster, cluster_id), url_for(".show", cluster_id=cluster_id)
    said = _("Klaster diarsipkan dan tidak tampil lagi di daftar.")
    undo = url_for(".restore", cluster_id=cluster_id)
    return press(lambda: clusters.archive(cluster), said, to, undo)


@bp.post("/clusters/<int:cluster_id>/restore")
@requires("cluster.edit")
def restore(cluster_id: int) -> ResponseReturnValue:
    cluster, to = get_or_404(Cluster, cluster_id), url_for(".show", cluster_id=cluster_id)
    return press(lambda: clusters.restore(cluster), _("Klaster dipulihkan."), to)


# ── the one that a person looks at ──────────────────────────────────────────────────────────────────────────


@bp.route("/clusters/choose", methods=["GET", "POST"])
@requires("cluster.see")
def choose() -> ResponseReturnValue:
    """A button for each cluster; afterwards one is back on the page from which one came (?next=)."""
    form = ChoiceForm(next=request.args.get("next"))
    if form.validate_on_submit():
        with form.refusals():
            clusters.choose(_named(Cluster, form.cluster_id.data), signed_in())
            return redirect(held.local_path(form.next.data) or url_for("home.index"), 303)
    if form.is_submitted():
        return held.again(form)
    filters = lists.Filters(typed(request.args))
    found = lists.index(filters, lists.Sort.NAME, page_number(request.args.get("page")))
    return render_template("clusters/choose.html", page=found.page, filters=filters, next=form.next.data)


# ── who works there ─────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/clusters/<int:cluster_id>/coordinators")
@requires("membership.create")
def members(cluster_id: int) -> ResponseReturnValue:
    """Those who coordinate the cluster, and those who could, by ?q=."""
    cluster = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(cluster)
    return render_template(
        "clusters/members.html",
        cluster=cluster,
        members=cluster_page.members_of(cluster_id),
        others=coordinators.others(cluster_id, typed(request.args)),
        typed=typed(request.args),
        offered=coordinators.OFFERED,
    )


@bp.post("/clusters/<int:cluster_id>/coordinators/add")
@requires("membership.create")
def add_member(cluster_id: int) -> ResponseReturnValue:
    cluster = get_or_404(Cluster, cluster_id)
    form = MemberForm()
    if form.validate_on_submit():
        with form.refusals():
            user = _named(User, form.user_id.data)
            clusters.join(cluster, user.id)
            notice(_("%(name)s kini koordinator klaster ini.", name=presentation.bare_name(user.name)))
            return redirect(url_for(".members", cluster_id=cluster_id), 303)
    return held.again(form)


@bp.post("/clusters/<int:cluster_id>/coordinators/remove")
@requires("membership.edit")
def remove_member(cluster_id: int) -> ResponseReturnValue:
    cluster = get_or_404(Cluster, cluster_id)
    form = MemberForm()
    if form.validate_on_submit():
        with form.refusals():
            user = _named(User, form.user_id.data)
            clusters.leave(cluster, user.id)
            notice(
                _("%(name)s bukan lagi koordinator klaster ini.", name=presentation.bare_name(user.name)),
                undo=url_for(".add_member", cluster_id=cluster_id),
                undo_fields={"user_id": str(user.id)},
            )
            return redirect(url_for(".members", cluster_id=cluster_id), 303)
    return held.again(form)


def _named(entity: type[E], posted: str | None) -> E:
    """The row whose id was posted, if it may be seen."""
    row: E = get_or_404(entity, number(posted) or abort(404))
    return row
