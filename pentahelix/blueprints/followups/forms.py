"""The forms of a follow-up."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from pentahelix.blueprints.asked import day
from pentahelix.blueprints.choices import CHOOSE, ChoiceField
from pentahelix.blueprints.fields import (
    DayField,
    EntityField,
    LongTextField,
    Required,
    TextField,
    WordField,
)
from pentahelix.blueprints.followups.origin import Origin
from pentahelix.blueprints.forms import Form
from pentahelix.models import Cluster
from pentahelix.presentation import with_position
from pentahelix.principal import signed_in
from pentahelix.queries import followups as queries, partners
from pentahelix.services import followups
from pentahelix.services.followups import FollowUpWish
from pentahelix.vocabulary import Priority, Role

#: What one press chooses, in days from today; the third unless told otherwise.
QUICK_DUE = {"1": _l("Besok"), "3": _l("3 hari lagi"), "7": _l("7 hari lagi"), "14": _l("14 hari lagi")}
DUE_IN = "7"


def offer_owners(field: EntityField, cluster_id: int, but: int | None = None) -> None:
    """Who may own a follow-up of the cluster; oneself first, as "Anda". `but` has it already."""
    me = signed_in().user_id
    owners = [user for user in followups.owners_of(cluster_id) if user.id != but]
    owners.sort(key=lambda user: user.id != me)
    field.offer(owners, lambda user: _("Anda") if user.id == me else with_position(user.name, user.position))


class FollowUpForm(Form):
    """What has to be done, by whom, until when. Pressing "Cari" (`act`) looks for a partner, and no more."""

    title = TextField(_l("Yang akan dikerjakan"), [Required()], longest=1000)
    owner_user_id = EntityField(_l("Penanggung jawab"), [Required()], blank=None)
    due_on = DayField(_l("Tenggat"), [Required()])
    partner_id = EntityField(_l("Mitra"), cards=True, blank=_l("Tanpa mitra"))
    partner_query = TextField(_l("Cari mitra"))
    priority = WordField(
        _l("Prioritas"), [Required()], vocabulary=Priority, cards=True, default=Priority.MEDIUM
    )

    def offer(self, cluster_id: int) -> None:
        """Fill in who and which partners of the cluster may be chosen; of these the chosen and the found."""
        self.acted = self.is_submitted() and bool(request.form.get("act"))
        offer_owners(self.owner_user_id, cluster_id)
        chosen = queries.partner_of(cluster_id, self.partner_id.data)
        typed = self.partner_query.data
        found = partners.suggest(typed, cluster_id=cluster_id) if typed else []
        known: dict[int, Any] = {partner.id: partner for partner in (chosen, *found) if partner}
        self.partner_id.offer(known.values())

    def validate_partner_query(self, field: TextField) -> None:
        if field.data and self.partner_id.data is None:
            raise ValidationError(_("Pilih mitra dari hasil pencarian, atau kosongkan kotak ini."))


class NewForm(FollowUpForm):
    """What is due soon needs one press; it counts from the day on which the form was drawn (`asked_on`).

    A phone without signal may send it days later, and what was promised for the next day is late by then.
    """

    cluster_id = EntityField(_l("Klaster"), blank=None)
    due_in = ChoiceField(_l("Tenggat"), cards=True, default=DUE_IN)
    due_on = DayField(_l("Tanggal lain"))
    asked_on = HiddenField(default="")

    def choose_cluster(self, clusters: Iterable[Cluster], chosen: Cluster) -> Cluster:
        """The cluster that was posted, if it was offered; else `chosen`, and what was posted is refused."""
        self.due_in.choices = list(QUICK_DUE.items())
        if signed_in().role is Role.KABID:
            # Who assigns chooses; who makes one for oneself has nothing to choose.
            self.owner_user_id.blank = CHOOSE
        self.cluster_id.offer(clusters)
        cluster: Cluster = self.cluster_id.row or chosen
        self.cluster_id.data = self.cluster_id.data or cluster.id
        return cluster

    def validate_due_in(self, field: ChoiceField) -> None:
        if field.data is None and self.due_on.data is None and not self.due_on.errors:
            raise ValidationError(_("Wajib diisi."))

    def wish(self, today: date, origin: Origin) -> FollowUpWish:
        """`today` in the chosen cluster."""
        source = {f"{origin.kind}_id": origin.row.id} if origin.row else {}
        asked = day(self.asked_on.data)
        first = asked if asked and asked < today else today
        return FollowUpWish(
            cluster_id=self.cluster_id.data or 0,
            title=self.title.data or "",
            owner_user_id=self.owner_user_id.data or 0,
            due_on=self.due_on.data or first + timedelta(days=int(self.due_in.data)),
            partner_id=self.partner_id.data,
            priority=self.priority.data,
            source_kind=origin.kind,
            helix=origin.helix,
            **source,
        )


class EditForm(FollowUpForm):
    reason = TextField(
        _l("Alasan tenggat dipindah"), description=_l("Wajib diisi bila tenggatnya berubah."), longest=1000
    )

    def wish(self, cluster_id: int) -> FollowUpWish:
        assert self.due_on.data is not None
        return FollowUpWish(
            cluster_id=cluster_id,
            title=self.title.data or "",
            owner_user_id=self.owner_user_id.data or 0,
            due_on=self.due_on.data,
            partner_id=self.partner_id.data,
            priority=self.priority.data,
        )


class DoneForm(Form):
    """Also what one press at the ring of a row sends: then without a result."""

    result = LongTextField(_l("Hasil"))


class SnoozeForm(Form):
    until = DayField(_l("Tunda sampai"), [Required()])


class ReassignForm(Form):
    owner_user_id = EntityField(_l("Penanggung jawab baru"), [Required()])


class CancelForm(Form):
    reason = LongTextField(_l("Alasan"), [Required()])
