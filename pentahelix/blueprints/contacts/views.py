"""Contacts: the list, one of them, taking down, correcting, moving, ending, putting away, erasing."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, pgettext

from pentahelix.blueprints import handed
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.contacts import copy, listing
from pentahelix.blueprints.contacts.forms import ContactForm, EndForm, EraseForm, MoveForm, NewContactForm
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import Affiliation, Contact, Partner
from pentahelix.permissions import requires
from pentahelix.queries import contacts as queries, outbox, partners, timeline
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import contacts, erasure
from pentahelix.vocabulary import ContactFunction, Helix

bp = Blueprint("contacts", __name__)


@bp.get("/contacts")
@requires("partner.see")
def index() -> ResponseReturnValue:
    filters = listing.read_filters(request.args)
    page = queries.index(filters, page_number(request.args.get("page")))
    return render_template(
        "contacts/index.html",
        page=page,
        filters=filters,
        names=queries.names_of(filters),
        helices=Helix,
        functions=ContactFunction,
        statuses=queries.Status,
    )


@bp.get("/contacts/export.xlsx")
@requires("partner.see")
def export() -> ResponseReturnValue:
    rows = queries.everyone(listing.read_filters(request.args))
    return handed.spreadsheet(pgettext("menu", "Narahubung"), listing.columns(), listing.lines(rows))


@bp.get("/contacts/<int:contact_id>")
@requires("partner.see")
def show(contact_id: int) -> ResponseReturnValue:
    return _page(get_or_404(Contact, contact_id))


@bp.route("/contacts/new", methods=["GET", "POST"])
@requires("partner.edit")
def new() -> ResponseReturnValue:
    """A person of the partner that ?partner= names; without one it is chosen first."""
    if "partner" not in request.args:
        return _choose_partner()
    partner = get_or_404(Partner, listing.read_filters(request.args).partner_id or 0)
    contacts.must_take_contacts(partner)
    form = NewContactForm()
    if form.validate_on_submit():
        with form.refusals():
            contact = contacts.make(partner, form.wish())
            notice(
                _(
                    "%(name)s tercatat sebagai narahubung %(partner)s.",
                    name=contact.name,
                    partner=partner.name,
                )
            )
            return redirect(url_for(".show", contact_id=contact.id), 303)
    return render_template("contacts/form.html", form=form, partner=partner, contact=None), form.status


@bp.route("/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@requires("partner.edit")
def edit(contact_id: int) -> ResponseReturnValue:
    """A person and what they do at one partner: the affiliation ?at=, else where they have been longest."""
    contact = _changeable(contact_id)
    seat = _seat_of(contact, "at")
    form = ContactForm(obj=contact, seat=seat)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contact, form.expected_version())
            contacts.edit(contact, seat, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", contact_id=contact_id), 303)
    partner = get_or_404(Partner, seat.partner_id) if seat else None
    return render_template("contacts/form.html", form=form, partner=partner, contact=contact), form.status


@bp.route("/contacts/<int:contact_id>/move", methods=["GET", "POST"])
@requires("partner.edit")
def move(contact_id: int) -> ResponseReturnValue:
    """To another partner, away from the affiliation ?from=; ?q= looks for the new one, ?partner= names it."""
    contact = _changeable(contact_id)
    seat = _seat_of(contact, "from")
    form = MoveForm(obj=contact)
    old = _offer(form, seat)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contact, form.expected_version())
            wish = form.wish()
            leaves_gap = bool(seat and seat.is_primary and not wish.stays and not wish.successor_id)
            there = contacts.move(contact, seat, wish)
            notice(_move_told(contact, there, old, leaves_gap=leaves_gap))
            return redirect(url_for(".show", contact_id=contact_id), 303)
    return render_template("contacts/move.html", form=form, contact=contact, old=old), form.status


@bp.route("/contacts/<int:contact_id>/affiliations/<int:affiliation_id>/end", methods=["GET", "POST"])
@requires("partner.edit")
def end(contact_id: int, affiliation_id: int) -> ResponseReturnValue:
    contact = _changeable(contact_id)
    seat = _affiliation(contact_id, affiliation_id)
    partner = get_or_404(Partner, seat.partner_id)
    form = EndForm(obj=contact)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contact, form.expected_version())
            assert form.day.data is not None
            contacts.end(seat, form.day.data)
            notice(_("%(name)s tidak lagi bertugas di %(partner)s.", name=contact.name, partner=partner.name))
            return redirect(url_for(".show", contact_id=contact_id), 303)
    return render_template("contacts/end.html", form=form, contact=contact, partner=partner), form.status


@bp.post("/contacts/<int:contact_id>/affiliations/<int:affiliation_id>/primary")
@requires("partner.edit")
def primary(contact_id: int, affiliation_id: int) -> ResponseReturnValue:
    contact = _changeable(contact_id)
    seat = _affiliation(contact_id, affiliation_id)
    said = _("%(name)s kini narahubung utama.", name=contact.name)
    return _press(contact, lambda: contacts.make_primary(seat), said)


@bp.route("/contacts/<int:contact_id>/archive", methods=["GET", "POST"])
@requires("partner.edit")
def archive(contact_id: int) -> ResponseReturnValue:
    """Says first what will become of the invitations that are open."""
    contact = _changeable(contact_id)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            contacts.archive(contact)
            notice(
                _("%(name)s diarsipkan.", name=contact.name), undo=url_for(".restore", contact_id=contact_id)
            )
            return redirect(url_for(".show", contact_id=contact_id), 303)
    invitations = queries.open_invitations(contact)
    return render_template(
        "contacts/archive.html", form=form, contact=contact, invitations=invitations
    ), form.status


@bp.post("/contacts/<int:contact_id>/restore")
@requires("partner.edit")
def restore(contact_id: int) -> ResponseReturnValue:
    contact = get_or_404(Contact, contact_id)
    return _press(contact, lambda: contacts.restore(contact), _("%(name)s dipulihkan.", name=contact.name))


@bp.get("/contacts/<int:contact_id>/data.xlsx")
@requires("partner.edit")
def data(contact_id: int) -> ResponseReturnValue:
    contact = get_or_404(Contact, contact_id)
    contacts.must_not_be_erased(contact)
    return handed.spreadsheet(_("Data %(name)s", name=contact.name), copy.columns(), copy.lines(contact))


@bp.post("/contacts/<int:contact_id>/restrict")
@requires("partner.edit")
def restrict(contact_id: int) -> ResponseReturnValue:
    contact = _changeable(contact_id)
    said = _("Data %(name)s dibatasi: tidak dihubungi dan tidak ditawarkan lagi.", name=contact.name)
    undo = url_for(".lift", contact_id=contact_id)
    return _press(contact, lambda: contacts.restrict(contact), said, undo)


@bp.post("/contacts/<int:contact_id>/lift")
@requires("partner.edit")
def lift(contact_id: int) -> ResponseReturnValue:
    contact = _changeable(contact_id)
    said = _("Pembatasan data %(name)s dicabut.", name=contact.name)
    return _press(contact, lambda: contacts.lift(contact), said)


@bp.route("/contacts/<int:contact_id>/erase", methods=["GET", "POST"])
@requires("contact.erase")
def erase(contact_id: int) -> ResponseReturnValue:
    """Says first what goes, what stays, and that nobody can bring it back."""
    contact = _changeable(contact_id)
    form = EraseForm(obj=contact)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contact, form.expected_version())
            erasure.erase(contact)
            notice(_("Data orang ini sudah dihapus."))
            return redirect(url_for(".show", contact_id=contact_id), 303)
    invitations = queries.open_invitations(contact)
    return render_template(
        "contacts/erase.html", form=form, contact=contact, invitations=invitations
    ), form.status


# ---------------------------------------------------------------------------------------------------------


def _page(contact: Contact, form: ButtonForm | None = None) -> ResponseReturnValue:
    history = timeline.of_contact(contact, request.args.getlist("kind"), request.args.get("before"))
    return render_template(
        "contacts/show.html",
        contact=contact,
        places=queries.places_of(contact),
        history=history,
        refused_at=outbox.refused_at([contact.id]).get(contact.id),
        form=form,
    ), form.status if form else 200


def _press(
    contact: Contact, act: Callable[[], object], said: str, undo: str | None = None
) -> ResponseReturnValue:
    to = url_for(".show", contact_id=contact.id)
    return press(act, said, to, undo, refused=lambda form: _page(contact, form))


def _choose_partner() -> ResponseReturnValue:
    if request.method == "POST":
        abort(404)
    return render_template("contacts/choose.html", found=partners.suggest(request.args.get("q", "")))


def _changeable(contact_id: int) -> Contact:
    contact = get_or_404(Contact, contact_id)
    contacts.must_not_be_archived(contact)
    return contact


def _affiliation(contact_id: int, affiliation_id: int) -> Affiliation:
    seat = get_or_404(Affiliation, affiliation_id)
    if seat.contact_id != contact_id:
        abort(404)
    return seat


def _seat_of(contact: Contact, asked: str) -> Affiliation | None:
    """The affiliation that the address names, else the first of today; None for who works nowhere."""
    if asked in request.args:
        return _affiliation(contact.id, number(request.args.get(asked)) or 0)
    return queries.current_affiliation(contact)


def _offer(form: MoveForm, seat: Affiliation | None) -> Partner | None:
    """Offer the partners that were looked for, and who may follow at the old one, which is returned."""
    found: dict[int, Any] = {choice.id: choice for choice in partners.suggest(request.args.get("q", ""))}
    named = form.partner_id.data or number(request.args.get("partner"))
    if named and named not in found and (partner := queries.partner_named(named)):
        found = {named: partner, **found}
    form.partner_id.offer(found.values())
    if not form.is_submitted() and named:
        form.partner_id.data = named
    if seat is None:
        return None
    others = [one for one in queries.of_partners([seat.partner_id]) if one.affiliation_id != seat.id]
    form.successor_id.choices = (
        [(str(one.affiliation_id), one.name) for one in others] if seat.is_primary else []
    )
    return get_or_404(Partner, seat.partner_id)


def _move_told(contact: Contact, there: Affiliation, old: Partner | None, *, leaves_gap: bool) -> str:
    new = get_or_404(Partner, there.partner_id)
    told = [_("%(name)s kini bertugas di %(partner)s.", name=contact.name, partner=new.name)]
    if leaves_gap and old:
        told.append(_("%(partner)s sekarang tanpa narahubung utama.", partner=old.name))
    return " ".join(told)
