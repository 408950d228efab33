"""Partners: the list, one of them, registering, editing, putting away; and their involvement in clusters."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, pgettext

from pentahelix import identifiers
from pentahelix.blueprints import handed
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.chosen import chosen_cluster, own
from pentahelix.blueprints.forms import ArchiveForm
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.partners import listing
from pentahelix.blueprints.partners.forms import (
    EndForm,
    InvolvementForm,
    NewPartnerForm,
    PartnerForm,
    RoleForm,
)
from pentahelix.blueprints.partners.proofs import is_proof, proof_of
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import ClusterPartner, Partner
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import partner_alike, partner_page, partners as queries, timeline
from pentahelix.queries.page import page_number
from pentahelix.queries.partner_alike import Told
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import get_or_404
from pentahelix.services import partners
from pentahelix.services.partners import InvolvementWish
from pentahelix.vocabulary import Helix, Regency, Role

bp = Blueprint("partners", __name__)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/partners")
@requires("partner.see")
def index() -> ResponseReturnValue:
    filters = listing.read_filters(request.args, signed_in())
    found = queries.index(filters, page_number(request.args.get("page")))
    return render_template(
        "partners/index.html",
        page=found.page,
        facets=found.facets,
        filters=filters,
        helices=Helix,
        regencies=Regency,
        statuses=queries.Status,
    )


@bp.get("/partners/export.xlsx")
@requires("partner.see")
def export() -> ResponseReturnValue:
    rows = queries.everyone(listing.read_filters(request.args, signed_in()))
    return handed.spreadsheet(pgettext("menu", "Mitra"), listing.columns(), listing.lines(rows))


@bp.get("/partners/<int:partner_id>")
@requires("partner.see")
def show(partner_id: int) -> ResponseReturnValue:
    page = partner_page.page_of(partner_id)
    if page is None:
        abort(404)
    history = timeline.of_partner(page.partner, request.args.getlist("kind"), request.args.get("before"))
    return render_template(
        "partners/show.html",
        page=page,
        partner=page.partner,
        timeline=history,
        at=_chosen_among(page),
        may_involve=_may_involve_elsewhere(page),
    )


# ── the organisation ────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/partners/new", methods=["GET", "POST"])
@requires("partner.edit")
def new() -> ResponseReturnValue:
    """?name= ?helix= ?cluster_id= fill in what is known already."""
    form = NewPartnerForm(data=_filled_in(request.args))
    form.offer(own(partner_page.clusters_to_choose()))
    if form.validate_on_submit():
        with form.refusals():
            partner = partners.register(form.wish(), form.involvement(), as_new=form.as_new.data)
            add = (_("Tambah narahubung"), url_for("contacts.new", partner=partner.id))
            notice(_("%(name)s tercatat.", name=partner.name), then=add)
            return redirect(url_for(".show", partner_id=partner.id), 303)
    asked = form.as_new.errors or form.as_new.data
    found = partner_alike.alike(form.told) if asked else []
    return render_template("partners/new.html", form=form, found=found, proof=_proof), form.status


@bp.get("/partners/alike")
@requires("partner.edit")
def alike() -> ResponseReturnValue:
    """The part of the form that names likenesses, for a name that is still being typed."""
    found = partner_alike.alike(
        Told(
            name=request.args.get("name", "").strip(),
            nib=_digits(identifiers.nib, request.args.get("nib", "")),
            npwp=_digits(identifiers.npwp, request.args.get("npwp", "")),
        )
    )
    return render_template("partners/_alike.html", found=found, proof=_proof, form=None)


@bp.route("/partners/<int:partner_id>/edit", methods=["GET", "POST"])
@requires("partner.edit")
def edit(partner_id: int) -> ResponseReturnValue:
    partner = _changeable(partner_id)
    form = PartnerForm(obj=partner)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(partner, form.expected_version())
            partners.edit(partner, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", partner_id=partner_id), 303)
    return render_template("partners/edit.html", form=form, partner=partner), form.status


@bp.route("/partners/<int:partner_id>/archive", methods=["GET", "POST"])
@requires("partner.edit")
def archive(partner_id: int) -> ResponseReturnValue:
    """At once, unless something is at stake: then the page says what, and asks."""
    partner = _changeable(partner_id)
    form = ArchiveForm()
    if form.validate_on_submit():
        with form.refusals():
            partners.archive(partner, signed_in(), confirmed=form.confirmed.data == "yes")
            notice(
                _("%(name)s diarsipkan.", name=partner.name), undo=url_for(".restore", partner_id=partner_id)
            )
            return redirect(url_for(".show", partner_id=partner_id), 303)
    stakes = partner_page.stakes_of(partner_id)
    return render_template("partners/archive.html", form=form, partner=partner, stakes=stakes), form.status


@bp.post("/partners/<int:partner_id>/restore")
@requires("partner.edit")
def restore(partner_id: int) -> ResponseReturnValue:
    partner = get_or_404(Partner, partner_id)
    said = _("%(name)s dipulihkan.", name=partner.name)
    return press(lambda: partners.restore(partner), said, url_for(".show", partner_id=partner_id))


# ── its involvements ────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/partners/<int:partner_id>/involve", methods=["GET", "POST"])
@requires("partner.edit")
def involve(partner_id: int) -> ResponseReturnValue:
    """In another cluster of one's own; a partner of others only with the ?proof= that it was shown."""
    name = _name_of_own_or_shown(partner_id)
    form = InvolvementForm()
    clusters = partner_page.clusters_without(partner_id)
    if not clusters:
        raise WrongState(_("Mitra ini sudah terlibat di semua klaster Anda."))
    form.offer(clusters)
    if form.validate_on_submit():
        with form.refusals():
            partners.involve(partner_id, form.involvement())
            notice(_("%(name)s kini terlibat di klaster Anda.", name=name))
            return redirect(url_for(".show", partner_id=partner_id), 303)
    return (
        render_template("partners/involve.html", form=form, name=name, partner_id=partner_id),
        form.status,
    )


@bp.route("/partners/<int:partner_id>/involvements/<int:cluster_id>", methods=["GET", "POST"])
@requires("partner.edit")
def involvement(partner_id: int, cluster_id: int) -> ResponseReturnValue:
    """Its role in one cluster, and since when."""
    partner = _changeable(partner_id)
    row = _involvement(partner, cluster_id)
    form = RoleForm(obj=row)
    if form.validate_on_submit():
        with form.refusals():
            form.expect(row)
            partners.change(partner, InvolvementWish(cluster_id, form.role.data, form.since.data))
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", partner_id=partner_id), 303)
    return render_template("partners/involvement.html", form=form, partner=partner, row=row), form.status


@bp.route("/partners/<int:partner_id>/end", methods=["GET", "POST"])
@requires("partner.edit")
def end(partner_id: int) -> ResponseReturnValue:
    """In the cluster of one's own that is chosen, with the last day; other clusters keep the partner."""
    partner = _changeable(partner_id)
    form = EndForm()
    clusters = partner_page.clusters_with(partner_id)
    if not clusters:
        raise WrongState(_("Keterlibatan mitra ini di klaster Anda sudah berakhir."))
    form.cluster_id.offer(clusters)
    if len(clusters) == 1:
        form.cluster_id.data = clusters[0].id
    if form.validate_on_submit():
        with form.refusals():
            cluster_id = form.cluster_id.data or 0
            assert form.day.data is not None
            partners.end(partner, cluster_id, form.day.data)
            notice(
                _("Keterlibatan %(name)s diakhiri.", name=partner.name),
                undo=url_for(".resume", partner_id=partner_id, cluster=cluster_id),
            )
            return redirect(url_for(".show", partner_id=partner_id), 303)
    return render_template("partners/end.html", form=form, partner=partner, clusters=clusters), form.status


@bp.post("/partners/<int:partner_id>/resume")
@requires("partner.edit")
def resume(partner_id: int) -> ResponseReturnValue:
    """Take the end of the involvement in ?cluster= back."""
    partner = _changeable(partner_id)
    row = _involvement(partner, number(request.args.get("cluster", "")) or 0)
    said, to = _("%(name)s terlibat lagi.", name=partner.name), url_for(".show", partner_id=partner_id)
    return press(lambda: partners.resume(partner, row.cluster_id), said, to)


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _changeable(partner_id: int) -> Partner:
    partner = get_or_404(Partner, partner_id)
    partners.refuse_archived(partner)
    return partner


def _involvement(partner: Partner, cluster_id: int) -> ClusterPartner:
    try:
        return partners.involvement_of(partner, cluster_id)
    except Refused:
        abort(404)


def _may_involve_elsewhere(page: partner_page.PartnerPage) -> bool:
    person = signed_in()
    return person.role == Role.ADMIN or len(person.cluster_ids) > len(page.involvements)


def _chosen_among(page: partner_page.PartnerPage) -> int | None:
    """The cluster that a new agreement or contribution is for: the chosen one, if the partner is there."""
    present = [one.cluster.id for one in page.present]
    chosen = chosen_cluster()
    return chosen.id if chosen and chosen.id in present else next(iter(present), None)


def _name_of_own_or_shown(partner_id: int) -> str:
    shown = is_proof(request.args.get("proof", ""), partner_id, signed_in())
    if shown and (name := partner_alike.name_of(partner_id)):
        return name
    return _changeable(partner_id).name


def _proof(partner_id: int) -> str:
    return proof_of(partner_id, signed_in())


def _filled_in(asked: Mapping[str, str]) -> dict[str, Any]:
    given = {"name": asked.get("name", "")[:200], "helix": asked.get("helix", "")}
    cluster_id = number(asked.get("cluster"))
    known = {name: value for name, value in given.items() if value}
    return known | ({"cluster_id": cluster_id} if cluster_id else {})


def _digits(read: Any, text: str) -> str | None:
    try:
        return str(read(text))
    except identifiers.IdentifierError:
        return None


# The contact log adds its routes to the blueprint above.
from pentahelix.blueprints.partners import log  # noqa: E402, F401
