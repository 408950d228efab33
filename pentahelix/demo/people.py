"""The houses and the people of the demo: clusters, schools, products, staff and accounts."""

from functools import partial

from pentahelix.demo.books import Books, Row, salutation
from pentahelix.services import clusters, users
from pentahelix.vocabulary import ProductStage, Regency, Role


class People:
    def __init__(self, books: Books) -> None:
        self.books = books

    def plan(self) -> None:
        self._houses()
        self._people()

    def _houses(self) -> None:
        for table, enter in (
            ("clusters", self._enter_cluster),
            ("schools", self._enter_school),
            ("products", self._enter_product),
        ):
            for row in self.books.rows(table):
                self.books.plan(self.books.first, partial(enter, row))

    def _people(self) -> None:
        accounts = {row["staff_key"]: row for row in self.books.rows("accounts") if row["staff_key"]}
        self._homes()
        for row in self.books.rows("staff"):
            self.books.plan(self.books.first, partial(self._enter_staff, row, accounts.get(row["staff_key"])))
        for row in self.books.rows("accounts"):
            if row["role"] != "partner" and not row["staff_key"]:
                self.books.plan(self.books.first, partial(self._enter_account, row))

    def _homes(self) -> None:
        """Who works where, and who of them coordinates: whoever has an account, or else the first."""
        cluster_of = {row["school_key"]: row["cluster_key"] for row in self.books.rows("schools")}
        pilot = next(row["cluster_key"] for row in self.books.rows("clusters") if row["pilot"] == "yes")
        for row in self.books.rows("staff"):
            self.books.home_of[row["staff_key"]] = cluster_of.get(row["school_key"], pilot)
        for row in self.books.rows("accounts"):
            if row["cluster_key"]:
                self.books.home_of[row["staff_key"] or row["email"]] = row["cluster_key"]
                self.books.coordinators[row["cluster_key"]] = row["staff_key"] or row["email"]
        for staff_key, cluster_key in self.books.home_of.items():
            self.books.coordinators.setdefault(cluster_key, staff_key)

    def _enter_cluster(self, row: Row) -> None:
        self.books.clusters[row["cluster_key"]] = clusters.make(
            clusters.ClusterWish(
                name=row["name"],
                short_name=row["short_name"],
                regency=Regency(row["district_code"]),
                begins=self.books.day(row["start_offset_days"]),
                focus=row["focus"] or None,
                owner_unit=row["owner_unit"] or None,
                is_pilot=row["pilot"] == "yes",
            )
        )

    def _enter_school(self, row: Row) -> None:
        self.books.schools[row["school_key"]] = clusters.add_school(
            self.books.clusters[row["cluster_key"]],
            clusters.SchoolWish(
                name=row["name"],
                npsn=row["npsn"] or None,
                district_code=row["kecamatan_code"] or None,
                district=row["kecamatan"] or None,
                role_in_cluster=row["role_in_cluster"] or None,
            ),
        )

    def _enter_product(self, row: Row) -> None:
        clusters.add_product(
            self.books.clusters[row["cluster_key"]],
            clusters.ProductWish(
                name=row["name"],
                description=row["description"] or None,
                unit=row["unit"] or None,
                price=int(row["price_rp"]),
                shelf_life_days=int(row["shelf_life_days"]),
                stage=ProductStage(row["stage"]),
                lead_school_id=self.books.schools[row["lead_school_key"]].id,
            ),
        )

    def _enter_staff(self, row: Row, account: Row | None) -> None:
        school = self.books.schools.get(row["school_key"])
        self.books.users[row["staff_key"]] = users.make(
            users.UserWish(
                name=row["name"],
                role=Role.COORDINATOR,
                salutation=salutation(row),
                position=row["position"],
                school_id=school.id if school else None,
                email=account["email"] if account else None,
                cluster_ids=frozenset({self.books.clusters[self.books.home_of[row["staff_key"]]].id}),
            ),
            self.books.digest if account else None,
            initial=False,
        )

    def _enter_account(self, row: Row) -> None:
        cluster = self.books.clusters.get(row["cluster_key"])
        self.books.users[row["email"]] = users.make(
            users.UserWish(
                name=row["name"],
                role=Role(row["role"]),
                salutation=salutation(row),
                email=row["email"],
                cluster_ids=frozenset({cluster.id} if cluster else ()),
            ),
            self.books.digest,
            initial=False,
        )
