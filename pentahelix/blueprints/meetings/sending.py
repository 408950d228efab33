"""Sending the minutes to those who were there, in one act."""

from collections.abc import Iterable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext as _, ngettext

from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.meetings import papers
from pentahelix.blueprints.meetings.views import bp
from pentahelix.blueprints.notices import notice
from pentahelix.editing import expect_version
from pentahelix.exports import pdf
from pentahelix.mail.compose import Attachment
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import meetings as lists
from pentahelix.queries.meetings import MeetingPage
from pentahelix.services import minutes


class MinutesForm(ButtonForm):
    """Typesets the paper, in each language that it is read in, while no transaction is open."""

    def __init__(self, page: MeetingPage, languages: Iterable[str]) -> None:
        super().__init__()
        #: of the meeting that the paper tells
        self.told = page.meeting.version
        self.written: dict[str, tuple[str, pdf.MinutesData]] = {}
        self.papers: dict[str, Attachment] = {}
        for language in languages:
            with force_locale(language):
                self.written[language] = papers.file_name(page.meeting), papers.data_of(page)

    def prepare(self) -> None:
        for language, (name, data) in self.written.items():
            with force_locale(language):
                self.papers[language] = Attachment(name, pdf.minutes(data), "application/pdf")


@bp.route("/meetings/<int:meeting_id>/minutes/send", methods=["GET", "POST"])
@requires("minutes.send")
def send_minutes(meeting_id: int) -> ResponseReturnValue:
    page = lists.one(meeting_id)
    minutes.must_be_sendable(page.meeting)
    readers = minutes.readers(page.meeting)
    form = MinutesForm(page, {one.to.language for one in readers if one.to})
    if form.validate_on_submit():
        with form.refusals():
            # Somebody may have corrected it while the paper was set.
            expect_version(page.meeting, form.told)
            _say_sent(minutes.send(page.meeting, form.papers, signed_in()))
            return redirect(url_for(".show", meeting_id=meeting_id), 303)
    return render_template("meetings/send.html", form=form, page=page, readers=readers), form.status


def _say_sent(number: int) -> None:
    if number:
        notice(
            ngettext("Notula dikirim kepada %(num)s orang.", "Notula dikirim kepada %(num)s orang.", number)
        )
    else:
        notice(_("Semua yang dapat disurati sudah menerima notula ini."), kind="info")
