"""How somebody answers an invitation: behind a personal link, in the portal, or a coordinator for them."""

from typing import Any

from flask_babel import lazy_gettext as _l

from pentahelix import clock, unit_of_work
from pentahelix.blueprints.fields import (
    DayField,
    EmailField,
    LocalTimeField,
    LongTextField,
    NameField,
    Required,
    WordField,
)
from pentahelix.blueprints.forms import Form
from pentahelix.models import Invitation
from pentahelix.services import answers
from pentahelix.services.answers import AnswerWish
from pentahelix.vocabulary import Answer

#: The answers that can be given, in the order of their cards, as the page says them.
ANSWERS = {
    Answer.ATTENDING: _l("Hadir"),
    Answer.PROPOSED: _l("Usulkan waktu lain"),
    Answer.REPRESENTED: _l("Diwakili orang lain"),
    Answer.DECLINED: _l("Tidak dapat hadir"),
}

#: The fields that belong to one answer only.
FIELDS = {
    Answer.PROPOSED: ("proposed_day", "proposed_starts"),
    Answer.REPRESENTED: ("delegate_name", "delegate_email"),
}


class AnswerForm(Form):
    """`chosen` is the answer that the link in a mail stands for; what was answered before is shown else.

    The invitation must come with its session and cluster.
    """

    answer = WordField(
        _l("Jawaban"),
        [Required(_l("Pilih salah satu jawaban."))],
        vocabulary=Answer,
        only=tuple(ANSWERS),
        cards=True,
    )
    proposed_day = DayField(_l("Tanggal"))
    proposed_starts = LocalTimeField(_l("Pukul"))
    delegate_name = NameField(_l("Nama yang mewakili"))
    delegate_email = EmailField(_l("Surel yang mewakili"))
    note = LongTextField(_l("Catatan"), longest=2000)

    def __init__(self, *, obj: Invitation, chosen: Answer | None = None, **kwargs: Any) -> None:
        zone = obj.guidance.cluster.timezone
        proposed = clock.local(obj.proposed_starts_at, zone) if obj.proposed_starts_at else None
        starts = proposed or clock.local(obj.guidance.starts_at, zone)
        super().__init__(
            obj=obj,
            proposed_day=proposed.date() if proposed else None,
            proposed_starts=starts.time(),
            **kwargs,
        )
        self.answer.choices = [(answer.value, label) for answer, label in ANSWERS.items()]
        if chosen in ANSWERS and not self.is_submitted():
            self.answer.data = chosen

    def validate(self, extra_validators: Any = None) -> bool:
        """What belongs to an answer that was not chosen is out of sight, and nothing about it is wrong.

        What the chosen one still needs is told all at once, so that a slow line is waited for once.
        """
        super().validate(extra_validators)
        for answer, names in FIELDS.items():
            if answer != self.answer.data:
                for name in names:
                    self[name].errors = []
        for no in answers.missing(self.wish()) if self.answer.data else ():
            if no.field and not self[no.field].errors:
                self.refuse(no.field, no.message)
        return not self.errors

    def wish(self) -> AnswerWish:
        own = FIELDS.get(self.answer.data, ())
        given = {name: self[name].data for names in FIELDS.values() for name in names if name in own}
        nothing = dict.fromkeys(name for names in FIELDS.values() for name in names)
        return AnswerWish(answer=self.answer.data, note=self.note.data, **{**nothing, **given})


class LinkForm(AnswerForm):
    """Behind a personal link, whose token is the proof: no cookie, so no token against forgery.

    Nor is it remembered as sent, since that would keep the address; sent twice it says the same twice.
    """

    class Meta(AnswerForm.Meta):
        csrf = False

    submission_id = None  # type: ignore[assignment]

    def claim(self) -> None:
        unit_of_work.write()
