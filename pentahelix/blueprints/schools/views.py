"""Schools: the list, and one of them."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from pentahelix.blueprints.asked import named
from pentahelix.blueprints.clusters.listing import is_archive, sort_of, typed
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.blueprints.schools.forms import SchoolForm
from pentahelix.editing import expect_version
from pentahelix.models import Cluster, School
from pentahelix.permissions import requires
from pentahelix.queries import schools as lists
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import clusters

bp = Blueprint("schools", __name__)


@bp.get("/schools")
@requires("cluster.see")
def index() -> ResponseReturnValue:
    cluster = named(request.args, Cluster, "cluster")
    filters = lists.Filters(typed(request.args), cluster.id if cluster else None, is_archive(request.args))
    sort = sort_of(request.args, lists.SORTS)
    page = lists.index(filters, sort, page_number(request.args.get("page")))
    return render_template("schools/index.html", page=page, filters=filters, sort=sort, cluster=cluster)


@bp.get("/schools/<int:school_id>")
@requires("cluster.see")
def show(school_id: int) -> ResponseReturnValue:
    return render_template("schools/show.html", page=lists.one(school_id))


@bp.route("/clusters/<int:cluster_id>/schools/new", methods=["GET", "POST"])
@requires("school.create")
def new(cluster_id: int) -> ResponseReturnValue:
    cluster = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(cluster)
    form = SchoolForm().offer(cluster.regency)
    if form.validate_on_submit():
        with form.refusals():
            school = clusters.add_school(cluster, form.wish())
            another = (_("Tambah sekolah lain"), url_for(".new", cluster_id=cluster_id))
            notice(_("Sekolah tersimpan di klaster ini."), then=another)
            return redirect(url_for(".show", school_id=school.id), 303)
    return render_template("schools/form.html", form=form, cluster=cluster, school=None), form.status


@bp.route("/schools/<int:school_id>/edit", methods=["GET", "POST"])
@requires("school.edit")
def edit(school_id: int) -> ResponseReturnValue:
    school = get_or_404(School, school_id, joinedload(School.cluster))
    cluster = school.cluster
    clusters.must_be_live(school)
    form = SchoolForm(obj=school).offer(cluster.regency)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(school, form.expected_version())
            clusters.edit_school(school, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", school_id=school_id), 303)
    return render_template("schools/form.html", form=form, cluster=cluster, school=school), form.status


@bp.post("/schools/<int:school_id>/archive")
@requires("school.edit")
def archive(school_id: int) -> ResponseReturnValue:
    school, to = get_or_404(School, school_id), url_for(".show", school_id=school_id)
    undo = url_for(".restore", school_id=school_id)
    return press(lambda: clusters.archive(school), _("Sekolah diarsipkan."), to, undo)


@bp.post("/schools/<int:school_id>/restore")
@requires("school.edit")
def restore(school_id: int) -> ResponseReturnValue:
    school, to = get_or_404(School, school_id), url_for(".show", school_id=school_id)
    return press(lambda: clusters.restore(school), _("Sekolah dipulihkan."), to)
