"""Clusters, their schools, products and people.

What is archived is changed no more until it is restored, and nothing is added to it. Names are taken once,
also by archived rows: a cluster's in the whole province, a school's or a product's in its cluster.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from flask_babel import gettext as _, lazy_gettext as _l
from sqlalchemy import func, select

from pentahelix import areas, clock
from pentahelix.editing import touch
from pentahelix.extensions import Entity, db
from pentahelix.models import Cluster, Membership, Product, School, User
from pentahelix.principal import Principal
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import everything
from pentahelix.vocabulary import ProductStage, Regency, Role

E = TypeVar("E", bound=Entity)

ARCHIVED = _l("Data ini diarsipkan. Pulihkan dahulu sebelum mengubahnya.")
CLUSTER_ARCHIVED = _l("Klaster ini diarsipkan. Pulihkan dahulu sebelum mengubah apa yang ada di dalamnya.")


@dataclass(frozen=True)
class ClusterWish:
    name: str
    short_name: str
    regency: Regency
    begins: date
    focus: str | None = None
    owner_unit: str | None = None
    is_pilot: bool = False
    timezone: str = clock.PROVINCE_ZONE
    cold_after_days: int | None = None


@dataclass(frozen=True)
class SchoolWish:
    """`district` is the district in words where it has no code."""

    name: str
    npsn: str | None = None
    district_code: str | None = None
    district: str | None = None
    role_in_cluster: str | None = None


@dataclass(frozen=True)
class ProductWish:
    name: str
    description: str | None = None
    unit: str | None = None
    price: int | None = None
    shelf_life_days: int | None = None
    stage: ProductStage = ProductStage.RECIPE_TRIAL
    lead_school_id: int | None = None


# ── clusters ────────────────────────────────────────────────────────────────────────────────────────────────


def make(wish: ClusterWish) -> Cluster:
    _refuse_taken(wish, None)
    return _added(Cluster(**asdict(wish)))


def edit(cluster: Cluster, wish: ClusterWish) -> Cluster:
    must_be_live(cluster)
    _refuse_taken(wish, cluster.id)
    return _changed(cluster, asdict(wish))


def choose(cluster: Cluster, by: Principal) -> None:
    """From now on `by` looks at this cluster, until choosing another."""
    must_be_live(cluster)
    db.session.scalars(select(User).where(User.id == by.user_id)).one().chosen_cluster_id = cluster.id
    db.session.flush()


def join(cluster: Cluster, user_id: int) -> User:
    """Let a coordinator work in the cluster; who did so before gets the same row back."""
    must_be_live(cluster)
    user = db.session.scalars(select(User).where(User.id == user_id)).first()
    if user is None or user.role != Role.COORDINATOR or not user.is_active:
        raise WrongState(_("Orang ini bukan koordinator yang aktif."))
    membership = _membership(cluster.id, user_id)
    if membership is None:
        db.session.add(Membership(cluster_id=cluster.id, user_id=user_id))
    else:
        membership.archived_at = None
    touch(user)
    db.session.flush()
    return user


def leave(cluster: Cluster, user_id: int) -> None:
    """The user works there no more; what they did stays theirs. Doing it twice is doing it once."""
    must_be_live(cluster)
    membership = _membership(cluster.id, user_id)
    if membership and membership.archived_at is None:
        membership.archived_at = clock.now()
        touch(db.session.get_one(User, user_id))
    db.session.flush()


# ── schools and products ────────────────────────────────────────────────────────────────────────────────────


def add_school(cluster: Cluster, wish: SchoolWish) -> School:
    must_be_live(cluster)
    _refuse_namesake(School, cluster.id, wish.name, None)
    return _added(School(cluster_id=cluster.id, **_placed(wish)))


def edit_school(school: School, wish: SchoolWish) -> School:
    must_be_live(school)
    _cluster_must_be_live(school.cluster_id)
    _refuse_namesake(School, school.cluster_id, wish.name, school.id)
    return _changed(school, _placed(wish))


def add_product(cluster: Cluster, wish: ProductWish) -> Product:
    must_be_live(cluster)
    _refuse_namesake(Product, cluster.id, wish.name, None)
    _refuse_foreign_school(cluster.id, wish.lead_school_id)
    return _added(Product(cluster_id=cluster.id, **asdict(wish)))


def edit_product(product: Product, wish: ProductWish) -> Product:
    must_be_live(product)
    _cluster_must_be_live(product.cluster_id)
    _refuse_namesake(Product, product.cluster_id, wish.name, product.id)
    _refuse_foreign_school(product.cluster_id, wish.lead_school_id)
    return _changed(product, asdict(wish))


# ── all three ───────────────────────────────────────────────────────────────────────────────────────────────


def archive(row: Cluster | School | Product) -> None:
    """Put away: out of lists, pickers, coverage and search; restorable."""
    must_be_live(row)
    row.archived_at = clock.now()
    db.session.flush()


def restore(row: Cluster | School | Product) -> None:
    row.archived_at = None
    db.session.flush()


def must_be_live(row: Cluster | School | Product) -> None:
    if row.is_archived:
        raise WrongState(CLUSTER_ARCHIVED if isinstance(row, Cluster) else ARCHIVED)


def _added(row: E) -> E:
    db.session.add(row)
    db.session.flush()
    return row


def _changed(row: E, values: Mapping[str, Any]) -> E:
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def _placed(wish: SchoolWish) -> dict[str, Any]:
    """The values of a school: a code brings the name of its district along."""
    return asdict(wish) | {"district": areas.district_name(wish.district_code) or wish.district}


def _membership(cluster_id: int, user_id: int) -> Membership | None:
    return db.session.scalars(
        select(Membership).where(Membership.cluster_id == cluster_id, Membership.user_id == user_id)
    ).first()


def _cluster_must_be_live(cluster_id: int) -> None:
    must_be_live(db.session.scalars(select(Cluster).where(Cluster.id == cluster_id)).one())


def _refuse_taken(wish: ClusterWish, but: int | None) -> None:
    """A cluster's names are its own in the whole province, archived ones included."""
    with everything() as session:
        for field in ("name", "short_name"):
            column = getattr(Cluster, field)
            taken = session.scalar(
                select(Cluster.id).where(
                    func.lower(column) == getattr(wish, field).lower(), Cluster.id != (but or 0)
                )
            )
            if taken is not None:
                raise Refused(field, _("Sudah ada klaster dengan nama ini."))


def _refuse_namesake(entity: type[School | Product], cluster_id: int, name: str, but: int | None) -> None:
    taken = db.session.scalar(
        select(entity.id).where(
            entity.cluster_id == cluster_id, func.lower(entity.name) == name.lower(), entity.id != (but or 0)
        )
    )
    if taken is not None:
        raise Refused("name", _("Nama ini sudah ada di klaster ini, mungkin di arsip."))


def _refuse_foreign_school(cluster_id: int, school_id: int | None) -> None:
    if school_id is None:
        return
    own = select(School.id).where(School.id == school_id, School.cluster_id == cluster_id)
    if db.session.scalar(own) is None:
        raise Refused("lead_school_id", _("Sekolah ini bukan anggota klaster."))
