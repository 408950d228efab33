"""What a form asks while it is filled in: as much of a plan as its query tells."""

from flask import abort
from werkzeug.datastructures import MultiDict
from wtforms import Form

from pentahelix.blueprints.asked import number
from pentahelix.blueprints.fields import DayField, LocalTimeField
from pentahelix.blueprints.guidance.listing import numbers
from pentahelix.blueprints.guidance.warnings import Plan, Warnings, of_added
from pentahelix.models import GuidanceSession
from pentahelix.principal import signed_in
from pentahelix.queries import guidance_form, meeting_form
from pentahelix.queries.meeting_form import ClusterChoice
from pentahelix.scope import get_or_404


class Asked(Form):
    """As much of a time as has been entered."""

    day = DayField()
    starts = LocalTimeField()
    ends = LocalTimeField()


def cluster_of(args: MultiDict[str, str]) -> ClusterChoice:
    offered = {cluster.id: cluster for cluster in meeting_form.clusters(signed_in())}
    return offered.get(number(args.get("cluster_id")) or 0) or abort(404)


def warnings_of(args: MultiDict[str, str], cluster: ClusterChoice) -> Warnings:
    """?but= is the session itself: with a time it is moved as it is, else people and schools are added."""
    asked, but = Asked(args), number(args.get("but"))
    chosen = [n for name in ("participant_ids", "speaker_ids") for n in numbers(args, name)]
    people, school_ids = guidance_form.people(cluster.id, chosen), numbers(args, "school_ids")
    if but is not None:
        guidance = get_or_404(GuidanceSession, but)
        if "day" not in args:
            return of_added(cluster, guidance, people, school_ids)
        named = guidance_form.named(but)
        people, school_ids = guidance_form.people(cluster.id, named.people), named.school_ids
    return Plan(
        cluster, asked.day.data, asked.starts.data, asked.ends.data, people, school_ids, but
    ).warnings()
