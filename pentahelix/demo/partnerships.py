"""The partners of the demo: who they are, in which clusters, their people, and the notes of calls."""

from dataclasses import replace
from functools import partial

from sqlalchemy import select

from pentahelix.demo.books import Books, Row, salutation
from pentahelix.models import Affiliation
from pentahelix.services import contact_log, contacts, partners
from pentahelix.vocabulary import Basis, Channel, ContactFunction, Helix, InvolvementRole


class Partnerships:
    def __init__(self, books: Books) -> None:
        self.books = books

    def plan(self) -> None:
        self._partners()
        self._contacts()
        self._log()

    def _partners(self) -> None:
        for row in self.books.rows("partners"):
            self.books.cluster_of[row["partner_key"]] = row["cluster_key"]
            self.books.plan(int(row["since_offset_days"]), partial(self._enter_partner, row))
            if row["ended_offset_days"]:
                self.books.plan(int(row["ended_offset_days"]), partial(self._end_involvement, row))
        for row in self.books.rows("involvements"):
            self.books.plan(int(row["since_offset_days"]), partial(self._involve, row))

    def _contacts(self) -> None:
        since = {row["partner_key"]: int(row["since_offset_days"]) for row in self.books.rows("partners")}
        for row in self.books.rows("contacts"):
            self.books.plan(since[row["partner_key"]], partial(self._enter_contact, row))
            if row["basis_offset_days"]:
                self.books.plan(int(row["basis_offset_days"]), partial(self._state_basis, row))

    def _log(self) -> None:
        for row in self.books.rows("contact_log"):
            self.books.plan(int(row["offset_days"]), partial(self._enter_log, row))

    def _enter_partner(self, row: Row) -> None:
        partner = partners.register(
            partners.PartnerWish(
                name=row["name"],
                helix=Helix(row["helix"]),
                org_type=row["org_type"] or None,
                area_code=row["area_code"] or None,
                address=row["address"] or None,
                website=row["website"] or None,
                email=row["email"] or None,
                description=row["description"] or None,
                potential=row["potential"] or None,
                is_fictitious=True,
            ),
            partners.InvolvementWish(
                cluster_id=self.books.clusters[row["cluster_key"]].id,
                role=InvolvementRole.PROSPECT
                if row["involvement"] == "prospect"
                else InvolvementRole.PARTNER,
            ),
            as_new=True,
        )
        self.books.partners[row["partner_key"]] = partner

    def _end_involvement(self, row: Row) -> None:
        partners.end(
            self.books.partners[row["partner_key"]],
            self.books.clusters[row["cluster_key"]].id,
            self.books.day(row["ended_offset_days"]),
        )

    def _involve(self, row: Row) -> None:
        partners.involve(
            self.books.partners[row["partner_key"]].id,
            partners.InvolvementWish(self.books.clusters[row["cluster_key"]].id),
        )

    def _enter_contact(self, row: Row) -> None:
        contact = contacts.make(self.books.partners[row["partner_key"]], self._person(row))
        self.books.contacts[row["contact_key"]] = contact
        self.books.affiliations[row["contact_key"]] = self.books.session.scalars(
            select(Affiliation).where(Affiliation.contact_id == contact.id)
        ).one()

    def _state_basis(self, row: Row) -> None:
        wish = replace(
            self._person(row), basis=Basis(row["basis"]), basis_since=self.books.day(row["basis_offset_days"])
        )
        contacts.edit(
            self.books.contacts[row["contact_key"]], self.books.affiliations[row["contact_key"]], wish
        )

    def _person(self, row: Row) -> contacts.ContactWish:
        return contacts.ContactWish(
            name=row["name"],
            salutation=salutation(row),
            position=row["position"] or None,
            function=ContactFunction(row["function"]) if row["function"] else None,
            email=row["email"] or None,
            phone=row["phone_e164"] or None,
            is_primary=row["is_primary"] == "yes",
        )

    def _enter_log(self, row: Row) -> None:
        cluster = self.books.clusters[self.books.cluster_of[row["partner_key"]]]
        with self.books.by(row["staff_key"]) as person:
            contact_log.write(
                self.books.partners[row["partner_key"]],
                contact_log.LogWish(
                    cluster_id=cluster.id,
                    channel=Channel(row["channel"]),
                    day=self.books.day(row["offset_days"]),
                    contact_id=self.books.contacts[row["contact_key"]].id,
                    line=row["line"],
                ),
                person,
            )
