"""Reminder rules: of a cluster with their dry run, and of the province."""

from itertools import groupby

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix import clock, presentation
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.reminders.forms import ClusterForm, ProvinceForm
from pentahelix.models import Cluster
from pentahelix.permissions import requires
from pentahelix.scope import get_or_404
from pentahelix.services import clusters, reminder_rules
from pentahelix.services.reminder_rules import DEFAULTS
from pentahelix.services.reminding import forecast

bp = Blueprint("reminders", __name__)


@bp.route("/clusters/<int:cluster_id>/reminders", methods=["GET", "POST"])
@requires("reminder.cluster")
def cluster(cluster_id: int) -> ResponseReturnValue:
    found = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(found)
    name, zone = found.name, _zone_of(found)
    form = ClusterForm(cluster_id)
    if form.validate_on_submit():
        with form.refusals():
            reminder_rules.edit(cluster_id, form.wishes(), form.expected_version())
            notice(_("Aturan pengingat tersimpan dan berlaku seketika."))
            return redirect(url_for(".cluster", cluster_id=cluster_id), 303)
    return _drawn(form, cluster_id, name, zone), form.status


@bp.route("/clusters/<int:cluster_id>/reminders/preview", methods=["GET", "POST"])
@requires("reminder.cluster")
def preview(cluster_id: int) -> ResponseReturnValue:
    """Whom the rules would mail on which days: the present ones, or those of the form, which stay unsaved."""
    found = get_or_404(Cluster, cluster_id)
    clusters.must_be_live(found)
    form = ClusterForm(cluster_id)
    if form.is_submitted() and not form.is_sound():
        form.status = 422
        return _drawn(form, cluster_id, found.name, _zone_of(found)), form.status
    told = forecast.of(cluster_id, form.drafted() if form.is_submitted() else None)
    return render_template(
        "reminders/preview.html",
        cluster=found,
        zone=_zone_of(found),
        form=form if form.is_submitted() else None,
        days=[(day, list(rows)) for day, rows in groupby(told, key=lambda row: row.day)],
        ahead=forecast.AHEAD.days,
    )


@bp.route("/admin/reminders", methods=["GET", "POST"])
@requires("reminder.province")
def province() -> ResponseReturnValue:
    form = ProvinceForm()
    if form.validate_on_submit():
        with form.refusals():
            reminder_rules.edit(None, form.wishes(), form.expected_version())
            notice(_("Aturan pengingat tersimpan dan berlaku seketika."))
            return redirect(url_for(".province"), 303)
    return render_template("reminders/province.html", form=form, kinds=list(DEFAULTS)), form.status


def _zone_of(found: Cluster) -> str:
    return presentation.zone_letters(clock.now(), found.timezone)


def _drawn(form: ClusterForm, cluster_id: int, name: str, zone: str) -> str:
    return render_template(
        "reminders/cluster.html",
        form=form,
        cluster_id=cluster_id,
        name=name,
        zone=zone,
        kinds=list(DEFAULTS),
        province=reminder_rules.province(),
    )
