"""Accounts: the rules that no page can talk its way around."""

from dataclasses import fields
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system, scope
from pentahelix.editing import Conflict
from pentahelix.extensions import db
from pentahelix.models import SignIn, User
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import accounts, sign_ins, users
from pentahelix.services.users import UserWish
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import Role, Salutation
from tests import factories as make
from tests.cast import PASSWORD

pytestmark = pytest.mark.both_engines


def test_an_address_is_kept_in_lower_case(session):
    assert users.make(UserWish("Rudi", Role.ADMIN, email="Rudi@Dinas.Example")).email == "rudi@dinas.example"


def test_without_a_password_there_is_none_to_replace(session):
    invited = users.make(UserWish("Rudi", Role.ADMIN, email="rudi@dinas.example"))
    assert (invited.password_is_initial, invited.password_changed_at) == (False, None)
    handed_over = users.make(UserWish("Rani", Role.ADMIN, email="rani@dinas.example"), "hash")
    assert (handed_over.password_is_initial, handed_over.password_changed_at) == (True, system.now())


def test_one_address_one_account(session):
    users.make(UserWish("Rudi", Role.ADMIN, email="rudi@dinas.example"))
    with pytest.raises(Refused) as no:
        users.make(UserWish("Rudi", Role.KABID, email="RUDI@dinas.example"))
    assert no.value.field == "email"


def test_a_version_that_is_gone_is_a_conflict(cast):
    with pytest.raises(Conflict):
        users.edit(cast.lilis, UserWish("Lilis", Role.COORDINATOR), cast.lilis.version - 1)


def test_what_is_edited_is_kept_and_the_only_administrator_may_be_edited_too(cast):
    for user in (cast.lilis, cast.rudi):
        school = make.school(cast.lebak)
        wish = UserWish(
            "Dr. Siapa",
            user.role,
            Salutation.BAPAK,
            "Wakil kepala",
            school.id,
            f"siapa{user.id}@dinas.example",
            "+628123456789",
        )
        users.edit(user, wish, user.version)
        kept = {one.name: getattr(user, one.name) for one in fields(wish) if one.name != "cluster_ids"}
        assert UserWish(**kept) == wish


def test_nobody_else_s_clusters_change_with_one_s_own(cast):
    asep = make.user(cast.lebak)
    wish = UserWish(
        "Lilis", Role.COORDINATOR, email=cast.lilis.email, cluster_ids=frozenset({cast.pandeglang.id})
    )
    users.edit(cast.lilis, wish, cast.lilis.version)
    assert users.memberships(cast.lilis.id) == users.memberships(cast.ujang.id) == {cast.pandeglang.id}
    assert users.memberships(asep.id) == {cast.lebak.id}


def test_whoever_is_signed_in_works_in_their_own_clusters_and_zone(cast):
    cast.lilis.timezone = "Asia/Makassar"
    person = sign_ins.principal_of(sign_ins.begin(cast.lilis, "x"))
    assert (person.cluster_ids, person.timezone) == ({cast.lebak.id}, "Asia/Makassar")


def test_closing_an_account_revokes_its_sessions(cast, session):
    key = sign_ins.begin(cast.lilis, "x")
    users.deactivate(cast.lilis)
    assert sign_ins.principal_of(key) is None
    users.reactivate(cast.lilis)
    assert sign_ins.principal_of(key) is None
    assert session.scalar(select(SignIn.revoked_at)) == system.now()


def test_a_password_proves_and_a_wrong_one_does_not(cast):
    proof = accounts.prove(cast.lilis.email, PASSWORD)
    assert proof is not None
    assert proof.user_id == cast.lilis.id
    assert accounts.prove(cast.lilis.email, "salah") is None
    assert accounts.prove("siapa@dinas.example", PASSWORD) is None


@pytest.mark.parametrize("meanwhile", ["closed", "changed"])
def test_what_happened_between_the_check_and_the_entry_counts(cast, session, meanwhile):
    proof = accounts.prove(cast.lilis.email, PASSWORD)
    assert proof is not None
    if meanwhile == "closed":
        users.deactivate(cast.lilis)
    else:
        users.set_password(cast.lilis, make.passwords.digest("gerobak tarum nasi seribu"))
    session.commit()
    with pytest.raises(Refused):
        accounts.enter(proof, "x")


def test_no_transaction_is_open_while_a_password_is_checked(cast, session, monkeypatch):
    email = cast.lilis.email
    session.commit()
    seen = []
    real = make.passwords.verify
    monkeypatch.setattr(
        make.passwords, "verify", lambda *given: seen.append(db.session().in_transaction()) or real(*given)
    )
    accounts.prove(email, PASSWORD)
    assert seen == [False]


def test_the_last_administrator_stays(cast):
    with pytest.raises(WrongState):
        users.deactivate(cast.rudi)
    with pytest.raises(Refused):
        users.edit(cast.rudi, UserWish("Rudi", Role.KABID, email="r@dinas.example"), cast.rudi.version)


def test_two_administrators_who_close_each_other_at_one_moment_leave_one(app, cast, session):
    other = make.user(role=Role.ADMIN)
    pair = [(cast.rudi.id, "a"), (other.id, "b")]
    session.commit()
    together, said = Barrier(2), []

    def close(user_id):
        with app.app_context():
            together.wait()
            try:
                with unit_of_work("command:test") as theirs:
                    users.deactivate(theirs.get_one(User, user_id))
                said.append("closed")
            except WrongState:
                said.append("refused")

    threads = [Thread(target=close, args=(user_id,)) for user_id, _name in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["closed", "refused"]
    left = select(func.count(User.id)).where(User.role == Role.ADMIN, User.deactivated_at.is_(None))
    session.rollback()
    assert session.scalar(left) == 1
    assert scope.SCOPE in session.info
