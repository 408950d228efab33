"""`flask user …`: accounts, for whoever has the machine; there is no default one."""

import sys

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from pentahelix import passwords, readiness
from pentahelix.models import User
from pentahelix.refusals import Refused
from pentahelix.services import accounts, users
from pentahelix.services.users import UserWish
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import Role, Salutation

group = AppGroup(
    "user",
    help="Accounts: make one, give one another password, list them.",
    callback=with_appcontext(readiness.require_migrated),
)

from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@group.command("add")
@click.option("--admin", "role", flag_value=Role.ADMIN.value, help="The same as --role admin.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What the person may do.")
@click.option("--email", required=True, prompt="E-mail", help="The address to sign in with.")
@click.option("--name", required=True, prompt="Name, with titles", help="As the person writes it.")
@click.option("--salutation", type=click.Choice([word.value for word in Salutation]))
@from_stdin
def add(role: str | None, email: str, name: str, salutation: str | None, *, password_stdin: bool) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    from email_validator import EmailNotValidError, validate_email

    if role is None:
        raise click.UsageError("Say which role: --admin, or --role.")
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as no:
        raise click.BadParameter(str(no), param_hint="--email") from no
    if not name.strip():
        raise click.BadParameter("A name is needed.", param_hint="--name")
    digest = passwords.digest(_password(accounts.words_about(name, email), stdin=password_stdin))
    wish = UserWish(
        name=name.strip(),
        role=Role(role),
        email=email,
        salutation=Salutation(salutation) if salutation else None,
    )
    with unit_of_work("command:user add"):
        try:
            users.make(wish, digest, initial=False)
        except Refused as no:
            raise click.ClickException(f"{email} belongs to an account already.") from no
    click.echo(f"{email} can sign in now.")


@group.command("password")
@click.argument("email")
@from_stdin
def password(email: str, *, password_stdin: bool) -> None:
    """Give the account of EMAIL another password; its sessions end."""
    with unit_of_work("command:user password"):
        user = users.by_email(email)
        words = accounts.words_about(user.name, user.email) if user else []
    if user is None:
        raise click.ClickException(f"No account has the address {email}.")
    digest = passwords.digest(_password(words, stdin=password_stdin))
    with unit_of_work("command:user password"):
        if found := users.by_email(email):
            users.set_password(found, digest, initial=False)
    click.echo(f"{email} has a new password, and is signed out everywhere.")


@group.command("list")
def listing() -> None:
    """Who has an account."""
    with unit_of_work("command:user list") as session:
        for user in session.scalars(select(User).order_by(User.role, User.sort_name, User.id)):
            standing = "closed" if not user.is_active else "active" if user.password_hash else "no password"
            click.echo(f"{user.role.value:12} {standing:12} {user.email or '-':40} {user.name}")


def _password(words: list[str], *, stdin: bool) -> str:
    """A password that is not weak; a weak one ends the command."""
    if stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if passwords.weakness(given, words):
        raise click.ClickException(
            f"Too weak a password: take at least {passwords.SHORTEST} characters, best some unrelated words."
        )
    return str(given)
