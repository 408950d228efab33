"""The letter to whoever was given a follow-up by somebody else."""

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail import outbox, recipients
from pentahelix.mail.links import absolute
from pentahelix.models import Cluster, FollowUp, Partner, User
from pentahelix.principal import Principal
from pentahelix.vocabulary import MailKind


def assigned(follow_up: FollowUp, by: Principal) -> int | None:
    """To its owner, unless they gave it to themselves; what told another owner before goes no more."""
    outbox.withdraw((MailKind.ASSIGNED,), follow_up)
    owner = db.session.get_one(User, follow_up.owner_user_id)
    to = recipients.user(owner)
    if to is None or owner.id == by.user_id:
        return None
    partner = db.session.get(Partner, follow_up.partner_id) if follow_up.partner_id else None
    return outbox.post(
        MailKind.ASSIGNED,
        to,
        f"{MailKind.ASSIGNED}:{follow_up.id}:u:{owner.id}:{clock.now():%Y%m%dT%H%M%S%f}",
        {
            "follow_up": follow_up,
            "by": by.name,
            "partner": partner,
            "cluster": db.session.get(Cluster, follow_up.cluster_id),
            "page": absolute("followups.show", followup_id=follow_up.id),
        },
        about=follow_up,
        cluster_id=follow_up.cluster_id,
    )
