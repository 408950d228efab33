"""The form of a product."""

from collections.abc import Iterable
from typing import Self

from flask_babel import lazy_gettext as _l

from pentahelix.blueprints.choices import EntityField, WordField
from pentahelix.blueprints.fields import (
    IntegerField,
    LongTextField,
    NameField,
    Required,
    RupiahField,
    TextField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.models import School
from pentahelix.services.clusters import ProductWish
from pentahelix.vocabulary import ProductStage


class ProductForm(Form):
    name = NameField(_l("Nama produk"), [Required()])
    stage = WordField(
        _l("Tahap"), [Required()], vocabulary=ProductStage, cards=True, default=ProductStage.RECIPE_TRIAL
    )
    lead_school_id = EntityField(_l("Sekolah yang memimpin"))
    description = LongTextField(_l("Keterangan"))
    price = RupiahField(_l("Harga"))
    unit = TextField(_l("Kemasan"), description=_l("“pouch 150 g”"))
    shelf_life_days = IntegerField(_l("Masa simpan"), least=1, most=36_500)

    def offer(self, schools: Iterable[School]) -> Self:
        self.lead_school_id.offer(schools)
        return self

    def wish(self) -> ProductWish:
        return ProductWish(
            name=str(self.name.data),
            stage=self.stage.data,
            lead_school_id=self.lead_school_id.data,
            description=self.description.data,
            price=self.price.data,
            unit=self.unit.data,
            shelf_life_days=self.shelf_life_days.data,
        )
