"""Where a record of any noun is read, for whoever names one: the trail, search."""

from typing import Any

from flask import current_app

from pentahelix.addresses import url_for

#: noun → its page and what that calls the number
PAGES = {
    "cluster": ("clusters.show", "cluster_id"),
    "school": ("schools.show", "school_id"),
    "product": ("products.show", "product_id"),
    "partner": ("partners.show", "partner_id"),
    "contact": ("contacts.show", "contact_id"),
    "agreement": ("agreements.show", "agreement_id"),
    "guidance_session": ("guidance.show", "guidance_id"),
    "meeting": ("meetings.show", "meeting_id"),
    "follow_up": ("followups.show", "followup_id"),
    "contribution": ("contributions.show", "contribution_id"),
    "user": ("admin.user_show", "user_id"),
}


def record_url(noun: str, object_id: int) -> str | None:
    """The address of the record's own page; None where there is no such page."""
    endpoint, number = PAGES.get(noun, ("", ""))
    if endpoint not in current_app.view_functions:
        return None
    values: dict[str, Any] = {number: object_id}
    return url_for(endpoint, **values)
