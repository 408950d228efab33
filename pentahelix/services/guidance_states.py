"""What a guidance session still allows: asked before anything about it is changed."""

from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.models import GuidanceSession
from pentahelix.refusals import WrongState
from pentahelix.vocabulary import GuidanceStatus


def takes_answers(guidance: GuidanceSession) -> bool:
    """Until it begins, unless it was cancelled or put away."""
    return (
        guidance.status == GuidanceStatus.PLANNED
        and not guidance.is_archived
        and guidance.starts_at > clock.now()
    )


def must_not_be_archived(guidance: GuidanceSession) -> None:
    if guidance.is_archived:
        raise WrongState(_("Bimbingan ini diarsipkan. Pulihkan dahulu untuk mengubahnya."))


def must_not_be_cancelled(guidance: GuidanceSession) -> None:
    must_not_be_archived(guidance)
    if guidance.status == GuidanceStatus.CANCELLED:
        raise WrongState(_("Bimbingan ini sudah dibatalkan."))


def must_be_planned(guidance: GuidanceSession) -> None:
    must_not_be_archived(guidance)
    if guidance.status != GuidanceStatus.PLANNED:
        raise WrongState(_("Bimbingan ini sudah berstatus “%(status)s”.", status=guidance.status.label))


def must_take_answers(guidance: GuidanceSession) -> None:
    must_be_planned(guidance)
    if guidance.starts_at <= clock.now():
        raise WrongState(_("Bimbingan ini sudah dimulai; undangan dan jawaban tidak dapat diubah lagi."))
