"""The contact log of a partner: "Catat kontak" in two presses, corrected and taken back afterwards."""

from collections.abc import Callable
from typing import Self

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l

from pentahelix import clock
from pentahelix.blueprints.fields import DayField, EntityField, Required, TextField, WordField
from pentahelix.blueprints.forms import Form
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.partners.views import bp
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import ContactLog, Partner
from pentahelix.permissions import requires
from pentahelix.presentation import days_ago
from pentahelix.principal import signed_in
from pentahelix.queries import contact_log as queries, contacts
from pentahelix.scope import get_or_404
from pentahelix.services import contact_log
from pentahelix.services.contact_log import LogWish
from pentahelix.vocabulary import Channel


class LogForm(Form):
    channel = WordField(_l("Lewat apa"), [Required()], vocabulary=Channel, cards=True)
    line = TextField(_l("Isi singkat"), longest=1000)
    contact_id = EntityField(_l("Dengan siapa"), blank=_l("Tidak disebut"))
    contacted_on = DayField(_l("Tanggal"), [Required()], default=clock.today)
    cluster_id = EntityField(_l("Untuk klaster"), blank=None)

    def offer(self, partner: Partner, entry: ContactLog | None = None) -> Self:
        """Who can be spoken to at `partner`, and for which cluster; whom `entry` names stays a choice."""
        people = {str(one.contact_id): one.name for one in contacts.of_partners([partner.id])}
        if entry is not None and entry.contact_id is not None:
            people.setdefault(str(entry.contact_id), contacts.name_of(entry.contact_id))
        self.contact_id.choices = list(people.items())
        clusters = [] if entry else queries.clusters_of(partner, signed_in())
        self.cluster_id.choices = [(str(cluster.id), cluster.name) for cluster in clusters]
        if self.cluster_id.data is None and clusters:
            self.cluster_id.data = clusters[0].id
        return self

    def wish(self, cluster_id: int) -> LogWish:
        return LogWish(
            cluster_id=cluster_id,
            channel=self.channel.data,
            day=self.contacted_on.data,
            contact_id=self.contact_id.data,
            line=self.line.data,
        )


@bp.route("/partners/<int:partner_id>/log", methods=["GET", "POST"])
@requires("contact_log.write")
def log(partner_id: int) -> ResponseReturnValue:
    """The whole form; the short one on the partner's page posts here."""
    partner = get_or_404(Partner, partner_id)
    contact_log.must_take_entries(partner)
    form = LogForm().offer(partner)
    if form.cluster_id.data is None:
        abort(404)
    if form.validate_on_submit():
        with form.refusals():
            entry = contact_log.write(partner, form.wish(form.cluster_id.data), signed_in())
            undo = url_for(".log_archive", partner_id=partner_id, log_id=entry.id)
            notice(_told(entry, partner), undo=undo)
            return redirect(_back(entry), 303)
    return render_template("contacts/log.html", form=form, partner=partner, entry=None), form.status


@bp.route("/partners/<int:partner_id>/log/<int:log_id>", methods=["GET", "POST"])
@requires("contact_log.write")
def log_edit(partner_id: int, log_id: int) -> ResponseReturnValue:
    """An entry that is archived is shown and not changed."""
    entry = _entry(partner_id, log_id)
    partner = get_or_404(Partner, partner_id)
    form = LogForm(obj=entry).offer(partner, entry)
    if form.is_submitted():
        contact_log.must_not_be_archived(entry)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(entry, form.expected_version())
            contact_log.edit(entry, form.wish(entry.cluster_id))
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", partner_id=partner_id), 303)
    return render_template("contacts/log.html", form=form, partner=partner, entry=entry), form.status


@bp.post("/partners/<int:partner_id>/log/<int:log_id>/archive")
@requires("contact_log.write")
def log_archive(partner_id: int, log_id: int) -> ResponseReturnValue:
    """Also the way back that stands on the notice."""
    undo = url_for(".log_restore", partner_id=partner_id, log_id=log_id)
    return _press(_entry(partner_id, log_id), contact_log.archive, _("Catatan kontak ditarik kembali."), undo)


@bp.post("/partners/<int:partner_id>/log/<int:log_id>/restore")
@requires("contact_log.write")
def log_restore(partner_id: int, log_id: int) -> ResponseReturnValue:
    return _press(_entry(partner_id, log_id), contact_log.restore, _("Catatan kontak dipulihkan."))


# ---------------------------------------------------------------------------------------------------------


def _entry(partner_id: int, log_id: int) -> ContactLog:
    entry = get_or_404(ContactLog, log_id)
    if entry.partner_id != partner_id:
        abort(404)
    return entry


def _press(
    entry: ContactLog, act: Callable[[ContactLog], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    return press(lambda: act(entry), said, url_for(".show", partner_id=entry.partner_id), undo)


def _told(entry: ContactLog, partner: Partner) -> str:
    said: str = _(
        "%(channel)s dengan %(partner)s tercatat, %(when)s.",
        channel=entry.channel.label,
        partner=partner.name,
        when=days_ago(entry.contacted_on),
    )
    return said


def _back(entry: ContactLog) -> str:
    """To the page on which the short form stood."""
    if request.form.get("back") == "contact" and entry.contact_id is not None:
        return url_for("contacts.show", contact_id=entry.contact_id)
    return url_for(".show", partner_id=entry.partner_id)
