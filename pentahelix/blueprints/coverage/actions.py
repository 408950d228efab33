"""What whoever looks at a cell can do about it: the step of its state, and to assign it to somebody."""

from dataclasses import dataclass

from flask_babel import gettext as _

from pentahelix.blueprints.coverage import words
from pentahelix.navigation import page_of
from pentahelix.principal import signed_in
from pentahelix.queries.coverage_cell import CellPage
from pentahelix.queries.coverage_next import NextStep, Step


@dataclass(frozen=True)
class Action:
    label: str
    icon: str
    url: str
    permission: str

    @property
    def is_assigning(self) -> bool:
        return self.permission == "followup.assign"


def actions_of(page: CellPage) -> list[Action]:
    """The first is the one that betters the cell most, for those who may do it."""
    wanted = [*(_steps(page, page.state_step) if page.state_step else ()), _assign(page)]
    return [action for action in wanted if action]


def _steps(page: CellPage, step: NextStep) -> list[Action | None]:
    cluster_id, helix = page.cluster.id, page.cell.helix.value
    partner_id = step.partner.id if step.partner else None
    match step.step:
        case Step.FIND_PARTNER:
            url = page_of("partners.new", cluster=cluster_id, helix=helix)
            return [_action("partner.edit", "plus", url, _("Tambah mitra"))]
        case Step.PROPOSE:
            url = page_of("agreements.new", cluster=cluster_id, partner=partner_id)
            return [_action("agreement.edit", "file-text", url, _("Buat kerja sama"))]
        case Step.PLAN:
            session = page_of("guidance.new", cluster=cluster_id, partner=partner_id)
            meeting = page_of("meetings.new", plan=1, cluster=cluster_id, partner=partner_id)
            return [
                _action("guidance.edit", "presentation-analytics", session, _("Rencanakan bimtek")),
                _action("meeting.edit", "notes", meeting, _("Rencanakan rapat")),
            ]
        case _:
            assert step.agreement
            url = page_of("agreements.show", agreement_id=step.agreement.id)
            return [_action("agreement.edit", "file-text", url, _("Buka kerja sama"))]


def _assign(page: CellPage) -> Action | None:
    """A follow-up that says what the state asks for, if it asks for something."""
    step = page.state_step
    url = page_of(
        "followups.new",
        cluster=page.cluster.id,
        helix=page.cell.helix.value,
        partner=step.partner.id if step and step.partner else None,
        title=words.step_title(step) if step else None,
    )
    return _action("followup.assign", "user-plus", url, _("Tugaskan tindak lanjut"))


def _action(permission: str, icon: str, url: str | None, label: str) -> Action | None:
    return Action(label, icon, url, permission) if url and signed_in().may(permission) else None
