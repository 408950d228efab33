"""The forms of a partner: the organisation, and its involvement in a cluster."""

import re
from collections.abc import Sequence
from typing import Any, Self
from zlib import crc32

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import BooleanField

from pentahelix import clock
from pentahelix.blueprints.fields import (
    DayField,
    EmailField,
    EntityField,
    LinkField,
    LongTextField,
    NameField,
    NibField,
    NpwpField,
    PhoneField,
    Required,
    TextField,
    WordField,
    Written,
)
from pentahelix.blueprints.forms import Form
from pentahelix.editing import Conflict
from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner
from pentahelix.queries.partner_alike import Told
from pentahelix.services import tags
from pentahelix.services.partners import InvolvementWish, PartnerWish
from pentahelix.vocabulary import Helix, InvolvementRole, Regency

LONGEST_TAG = 40
MOST_TAGS = 12


class TagsField(Written):
    """Words between commas; each once, in lower case."""

    data: tuple[str, ...] | None
    attributes = {"autocapitalize": "none"}

    def read(self, text: str) -> tuple[str, ...]:
        words = (re.sub(r"\s+", " ", word).strip().lower() for word in text.split(","))
        found = tuple(dict.fromkeys(word for word in words if word))
        if too_long := [word for word in found if len(word) > LONGEST_TAG]:
            raise ValueError(
                _(
                    "“%(word)s…” terlalu panjang: paling banyak %(limit)s huruf. Pisahkan label dengan koma.",
                    word=too_long[0][:20],
                    limit=LONGEST_TAG,
                )
            )
        if len(found) > MOST_TAGS:
            raise ValueError(_("Paling banyak %(limit)s label.", limit=MOST_TAGS))
        return found

    def write(self, value: Sequence[str]) -> str:
        return ", ".join(value)


class PartnerForm(Form):
    """An organisation, as it is edited."""

    name = NameField(_l("Nama mitra"), [Required()])
    helix = WordField(_l("Unsur"), [Required()], vocabulary=Helix, cards=True)
    org_type = TextField(_l("Jenis lembaga"), description=_l("Misalnya CV, politeknik, kelompok tani."))
    regency = WordField(
        _l("Kabupaten/kota"), vocabulary=Regency, blank=_l("Di luar Banten atau belum diketahui")
    )
    area = TextField(_l("Kecamatan atau kota"))
    address = LongTextField(_l("Alamat"))
    phone = PhoneField(_l("Nomor telepon"))
    phone_note = TextField(
        _l("Keterangan telepon"), description=_l("Nomor pesawat (ext.), atau siapa yang dicari.")
    )
    email = EmailField(_l("Surel"))
    website = LinkField(_l("Situs web"))
    nib = NibField(_l("NIB"), description=_l("Nomor induk berusaha, 13 angka."))
    npwp = NpwpField(_l("NPWP"), description=_l("NPWP lembaga, 15 atau 16 angka; bukan milik perorangan."))
    description = LongTextField(_l("Tentang mitra ini"))
    potential = LongTextField(_l("Yang dapat diberikannya"))
    tag_names = TagsField(_l("Label"), description=_l("Pisahkan dengan koma: kemasan, keripik, ekspor."))

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        if obj is not None:
            kwargs["tag_names"] = tags.names_of(obj.id)
        super().__init__(*args, obj=obj, **kwargs)

    def as_stored(self) -> Self:
        db.session.refresh(self.obj)
        return type(self)(formdata=None, obj=self.obj)

    @property
    def told(self) -> Told:
        """What was typed and could be read."""
        return Told(self.name.data, self.phone.data, self.email.data, self.nib.data, self.npwp.data)

    def wish(self) -> PartnerWish:
        extension = self.phone.extension and f"ext. {self.phone.extension}"
        return PartnerWish(
            name=self.name.data or "",
            helix=self.helix.data,
            org_type=self.org_type.data,
            area_code=self._area_code(),
            area=self.area.data,
            address=self.address.data,
            website=self.website.data,
            email=self.email.data,
            phone=self.phone.data,
            phone_note=", ".join(filter(None, (extension, self.phone_note.data))) or None,
            nib=self.nib.data,
            npwp=self.npwp.data,
            description=self.description.data,
            potential=self.potential.data,
            tags=tuple(self.tag_names.data or ()),
        )

    def _area_code(self) -> str | None:
        """A code that says more than the regency stays while the regency does."""
        known: str | None = self.obj.area_code if self.obj is not None else None
        regency: Regency | None = self.regency.data
        return known if regency and Regency.of(known) == regency else regency and regency.value


class InvolvementForm(Form):
    """In which cluster, as what, since when. With one cluster to choose from there is nothing to choose."""

    cluster_id = EntityField(_l("Klaster"), [Required()])
    role = WordField(
        _l("Sebagai"), [Required()], vocabulary=InvolvementRole, cards=True, default=InvolvementRole.PARTNER
    )
    since = DayField(_l("Terlibat sejak"), [Required()], default=clock.today)

    only_cluster_id: int | None = None

    def offer(self, clusters: Sequence[Cluster]) -> None:
        self.cluster_id.offer(clusters)
        if len(clusters) == 1:
            self.only_cluster_id = clusters[0].id
            del self.cluster_id

    def involvement(self) -> InvolvementWish:
        cluster_id = self.only_cluster_id or self.cluster_id.data or 0
        return InvolvementWish(cluster_id, self.role.data, self.since.data)


class NewPartnerForm(InvolvementForm, PartnerForm):
    """A new organisation with its first involvement. `as_new` is asked where it may be there already."""

    as_new = BooleanField(_l("Tetap simpan sebagai mitra baru"))


class RoleForm(Form):
    """An involvement that is there; its version is what people wrote in it, not when one last spoke."""

    def __init__(self, *args: Any, obj: ClusterPartner, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, version=self._version_of(obj), **kwargs)

    @staticmethod
    def _version_of(row: ClusterPartner) -> int:
        return crc32(f"{row.role.value} {row.since}".encode())

    def expect(self, row: ClusterPartner) -> None:
        if self.expected_version() != self._version_of(row):
            raise Conflict

    role = WordField(_l("Sebagai"), [Required()], vocabulary=InvolvementRole, cards=True)
    since = DayField(_l("Terlibat sejak"), [Required()])


class EndForm(Form):
    """The last day in one cluster."""

    cluster_id = EntityField(_l("Klaster"), [Required()])
    day = DayField(_l("Hari terakhir"), [Required()], default=clock.today)
