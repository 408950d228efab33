"""What a form asks while it is filled in: as much of a plan as its query tells."""

from dataclasses import replace

from flask import abort
from werkzeug.datastructures import MultiDict
from wtforms import Form

from pentahelix import clock
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.fields import DayField, LocalTimeField
from pentahelix.blueprints.guidance.listing import numbers
from pentahelix.blueprints.guidance.warnings import Plan, Warnings
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
    plan = Plan(
        cluster, asked.day.data, asked.starts.data, asked.ends.data,
        guidance_form.people(cluster.id, chosen), numbers(args, "school_ids"), but,
    )  # fmt: skip
    if but is None:
        return plan.warnings()
    guidance = get_or_404(GuidanceSession, but)
    if "day" in args:
        named = guidance_form.named(but)
        people = guidance_form.people(cluster.id, named.people)
        return replace(plan, people=people, school_ids=named.school_ids).warnings()
    starts, ends = (clock.local(at, cluster.timezone) for at in (guidance.starts_at, guidance.ends_at))
    own = replace(plan, day=starts.date(), starts=starts.time(), ends=ends.time())
    return replace(own.warnings(), off=None)
