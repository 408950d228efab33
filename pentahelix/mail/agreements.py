"""The letter to the coordinators of an agreement about which the Kabid has decided."""

from collections.abc import Iterable

from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.mail import outbox, recipients
from pentahelix.mail.links import absolute
from pentahelix.models import Agreement, AgreementCluster, AgreementStep, Membership, User
from pentahelix.principal import Principal
from pentahelix.scope import live
from pentahelix.vocabulary import AgreementStatus, MailKind


def decided(agreement: Agreement, step: AgreementStep, by: Principal) -> None:
    """Approved or returned, and what comes next; what waits about an earlier decision goes no more."""
    outbox.withdraw((MailKind.AGREEMENT,), agreement)
    for user, cluster_id in _coordinators(agreement):
        if to := recipients.user(user):
            outbox.post(
                MailKind.AGREEMENT,
                to,
                f"{MailKind.AGREEMENT}:{step.id}:u:{user.id}",
                {
                    "agreement": agreement,
                    "is_approved": step.to_status == AgreementStatus.AWAITING_SIGNATURE,
                    "comment": step.comment,
                    "by": by.name,
                    "page": absolute("agreements.show", agreement_id=agreement.id),
                },
                about=agreement,
                cluster_id=cluster_id,
            )


def _coordinators(agreement: Agreement) -> Iterable[tuple[User, int]]:
    """Each once, however many of the covered clusters they work in, with the first of these."""
    members = (
        select(User, AgreementCluster.cluster_id)
        .join(Membership, Membership.user_id == User.id)
        .join(AgreementCluster, AgreementCluster.cluster_id == Membership.cluster_id)
        .where(AgreementCluster.agreement_id == agreement.id, live(Membership))
        .order_by(User.id, AgreementCluster.cluster_id)
    )
    found: dict[int, tuple[User, int]] = {}
    for user, cluster_id in db.session.execute(members):
        found.setdefault(user.id, (user, cluster_id))
    return found.values()
