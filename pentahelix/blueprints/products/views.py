"""Products of the teaching factories: the list, and one of them."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from pentahelix.blueprints.asked import named, word
from pentahelix.blueprints.clusters.listing import is_archive, sort_of, typed
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.blueprints.products.forms import ProductForm
from pentahelix.editing import expect_version
from pentahelix.models import Cluster, Product
from pentahelix.permissions import requires
from pentahelix.queries import contribution_page, products as lists, schools
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import clusters
from pentahelix.vocabulary import ProductStage

bp = Blueprint("products", __name__)


@bp.get("/products")
@requires("product.see")
def index() -> ResponseReturnValue:
    cluster = named(request.args, Cluster, "cluster")
    filters = lists.Filters(
        typed=typed(request.args),
        cluster_id=cluster.id if cluster else None,
        stage=word(ProductStage, request.args.get("stage", "")),
        archived=is_archive(request.args),
    )
    sort = sort_of(request.args, lists.SORTS)
    page = lists.index(filters, sort, page_number(request.args.get("page")))
    return render_template(
        "products/index.html", page=page, filters=filters, sort=sort, cluster=cluster, stages=ProductStage
    )


@bp.get("/products/<int:product_id>")
@requires("product.see")
def show(product_id: int) -> ResponseReturnValue:
    product = lists.one(product_id)
    return render_template(
        "products/show.html", product=product, given=contribution_page.of_product(product_id)
    )


@bp.route("/clusters/<int:cluster_id>/products/new", methods=["GET", "POST"])
@requires("product.edit")
def new(cluster_id: int) -> ResponseReturnValue:
    cluster = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(cluster)
    form = ProductForm().offer(schools.of_cluster(cluster_id))
    if form.validate_on_submit():
        with form.refusals():
            product = clusters.add_product(cluster, form.wish())
            notice(_("Produk tersimpan."))
            return redirect(url_for(".show", product_id=product.id), 303)
    return render_template("products/form.html", form=form, cluster=cluster, product=None), form.status


@bp.route("/products/<int:product_id>/edit", methods=["GET", "POST"])
@requires("product.edit")
def edit(product_id: int) -> ResponseReturnValue:
    product = get_or_404(Product, product_id, joinedload(Product.cluster))
    cluster = product.cluster
    clusters.must_be_live(product)
    form = ProductForm(obj=product).offer(schools.of_cluster(product.cluster_id, product.lead_school_id))
    if form.validate_on_submit():
        with form.refusals():
            expect_version(product, form.expected_version())
            clusters.edit_product(product, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", product_id=product_id), 303)
    return render_template("products/form.html", form=form, cluster=cluster, product=product), form.status


@bp.post("/products/<int:product_id>/archive")
@requires("product.edit")
def archive(product_id: int) -> ResponseReturnValue:
    product, to = get_or_404(Product, product_id), url_for(".show", product_id=product_id)
    undo = url_for(".restore", product_id=product_id)
    return press(lambda: clusters.archive(product), _("Produk diarsipkan."), to, undo)


@bp.post("/products/<int:product_id>/restore")
@requires("product.edit")
def restore(product_id: int) -> ResponseReturnValue:
    product, to = get_or_404(Product, product_id), url_for(".show", product_id=product_id)
    return press(lambda: clusters.restore(product), _("Produk dipulihkan."), to)
