"""The forms of reminder rules: of a cluster, which may follow the province, and of the province itself."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from flask_babel import gettext as _, lazy_gettext as _l, lazy_pgettext

from pentahelix.blueprints.choices import WordField
from pentahelix.blueprints.fields import Required, Written
from pentahelix.blueprints.forms import Form
from pentahelix.refusals import Refused
from pentahelix.services import reminder_rules
from pentahelix.services.reminder_rules import DEFAULTS, Rule, Rules, Wish
from pentahelix.vocabulary import ReminderKind, Word

#: What the day of a kind counts from, beside the number.
UNITS = {
    ReminderKind.GUIDANCE: _l("Hari kerja sebelum bimbingan"),
    ReminderKind.NO_ANSWER: _l("Hari sesudah undangan"),
    ReminderKind.AGREEMENT_ENDS: _l("Hari sebelum berakhir"),
    ReminderKind.OBLIGATION: _l("Hari sebelum tenggat"),
    ReminderKind.FOLLOW_UP_LATE: _l("Mulai berapa hari sesudah tenggat"),
    ReminderKind.ESCALATION: _l("Terlambat lebih dari (hari)"),
    ReminderKind.PARTNER_SILENT: _l("Tanpa kontak lebih dari (hari)"),
}

#: The same of kinds that may come after the day, too.
AFTER = {ReminderKind.OBLIGATION: _l("Hari sesudah tenggat")}


class Holding(Word):
    """Whose rule holds in a cluster."""

    PROVINCE = "province", _l("Ikut provinsi")
    ON = "on", _l("Sendiri")
    OFF = "off", lazy_pgettext("rule", "Nonaktif")


class Switch(Word):
    ON = "on", lazy_pgettext("rule", "Aktif")
    OFF = "off", lazy_pgettext("rule", "Nonaktif")


class DaysField(Written):
    """Whole numbers, as in "180, 90, 30"."""

    data: tuple[int, ...] | None
    attributes: ClassVar[Mapping[str, str]] = {"inputmode": "text", "autocomplete": "off"}

    def read(self, text: str) -> tuple[int, ...]:
        if not re.fullmatch(r"\d{1,4}(?:[\s,;.]+\d{1,4})*", text, re.ASCII):
            raise ValueError(_("Tulis bilangan dengan koma di antaranya, misalnya 30, 7."))
        return tuple(int(number) for number in re.findall(r"\d+", text))

    def write(self, value: Iterable[int]) -> str:
        return ", ".join(str(number) for number in value)


class RulesForm(Form):
    """For each kind whether it is on, and its days; those after the day are below nought in the rule only."""

    cluster_id: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        self.rules: Rules = reminder_rules.effective(self.cluster_id)
        kwargs["version"] = reminder_rules.version(self.cluster_id)
        for kind, rule in self.rules.items():
            kwargs[f"{kind}_choice"] = self._choice(rule)
            kwargs[f"{kind}_days"] = tuple(day for day in rule.days if day > 0) or None
            kwargs[f"{kind}_after"] = tuple(-day for day in rule.days if day < 0) or None
        super().__init__(**kwargs)

    def _choice(self, rule: Rule) -> Word:
        return Switch.ON if rule.is_on else Switch.OFF

    def wishes(self) -> dict[ReminderKind, Wish | None]:
        """What is wanted of each kind; None is to inherit. Days that are refused are so at their field."""
        return {kind: self._wish(kind) for kind in DEFAULTS}

    def _wish(self, kind: ReminderKind) -> Wish | None:
        choice = self[f"{kind}_choice"].data
        if choice == Holding.PROVINCE:
            return None
        if choice == Holding.OFF:
            return Wish(False, self.rules[kind].days)
        days: tuple[int, ...] = self[f"{kind}_days"].data or () if DEFAULTS[kind] else ()
        if kind in AFTER:
            days += tuple(-day for day in self[f"{kind}_after"].data or ())
        return Wish(True, days)

    def drafted(self) -> dict[ReminderKind, Rule]:
        """The rules as they would be once saved."""
        province = reminder_rules.effective(None)
        drafted = {}
        for kind, wish in self.wishes().items():
            if wish is None:
                drafted[kind] = province[kind]
            else:
                days = reminder_rules.checked(kind, wish.days) if wish.is_on else wish.days
                drafted[kind] = reminder_rules.as_chosen(self.rules[kind], Wish(wish.is_on, days))
        return drafted

    def is_sound(self) -> bool:
        """Whether what was typed can be tried out; what cannot is said at its field."""
        try:
            return bool(self.validate() and self.drafted())
        except Refused as no:
            self.refuse(no.field, no.message)
            return False

    def as_stored(self) -> Self:
        return type(self)(formdata=None)


class ProvinceForm(RulesForm):
    pass


class ClusterForm(RulesForm):
    def __init__(self, cluster_id: int, **kwargs: Any) -> None:
        self.cluster_id = cluster_id
        super().__init__(**kwargs)

    def _choice(self, rule: Rule) -> Word:
        if not rule.is_own:
            return Holding.PROVINCE
        return Holding.ON if rule.is_on else Holding.OFF

    def as_stored(self) -> Self:
        assert self.cluster_id is not None
        return type(self)(self.cluster_id, formdata=None)


for _kind in DEFAULTS:
    for _form, _words in ((ProvinceForm, Switch), (ClusterForm, Holding)):
        setattr(_form, f"{_kind}_choice", WordField(_kind.label, [Required()], vocabulary=_words, cards=True))
        if _kind in UNITS:
            setattr(_form, f"{_kind}_days", DaysField(UNITS[_kind]))
        if _kind in AFTER:
            setattr(_form, f"{_kind}_after", DaysField(AFTER[_kind]))
