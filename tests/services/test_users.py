"""Accounts: the rules that no page can talk its way around."""

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
from pentahelix.vocabulary import Role
from tests import factories as make
from tests.cast import PASSWORD

pytestmark = pytest.mark.both_engines


def test_an_address_is_kept_in_lower_case(session):
    assert users.make(UserWish("Rudi", Role.ADMIN, email="Rudi@Dinas.Example")).email == "rudi@dinas.example"


def test_one_address_one_account(session):
    users.make(UserWish("Rudi", Role.ADMIN, email="rudi@dinas.example"))
    with pytest.raises(Refused) as no:
        users.make(UserWish("Rudi", Role.KABID, email="RUDI@dinas.example"))
    assert no.value.field == "email"


def test_a_version_that_is_gone_is_a_conflict(cast):
    with pytest.raises(Conflict):
        users.edit(cast.lilis, UserWish("Lilis", Role.COORDINATOR), cast.lilis.version - 1)


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
