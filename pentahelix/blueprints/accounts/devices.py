"""What a browser tells of itself: its kind, where it is, and the accounts that it has signed in to before."""

from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import Signer

from pentahelix.services.attempts import Try, network_of
from pentahelix.vocabulary import AttemptKind

#: Browsers name each other; the first that fits is the one.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

#: Accounts that one browser remembers; a computer of a school has several.
REMEMBERED = 12
AGE = timedelta(days=400)


def name() -> str:
    """As in "Chrome, Android"; empty where the browser says nothing that we know."""
    agent = request.user_agent.string
    found = (next((word for sign, word in kinds if sign in agent), "") for kinds in (BROWSERS, SYSTEMS))
    return ", ".join(word for word in found if word)


def attempt_at(email: str, kind: AttemptKind = AttemptKind.SIGN_IN) -> Try:
    """A try at the account of `email`, from here."""
    return Try(kind, email, network_of(request.remote_addr), _is_known_to(email))


def remember(response: Response, email: str) -> None:
    """Let this browser be known to the account from now on: what others fail at does not keep it out."""
    signature = _signer().get_signature(email).decode()
    known = [signature, *(other for other in _signatures() if other != signature)]
    response.set_cookie(
        _cookie(),
        ".".join(known[:REMEMBERED]),
        max_age=AGE,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _is_known_to(email: str) -> bool:
    signer = _signer()
    return any(signer.verify_signature(email, signature) for signature in _signatures())


def _signatures() -> list[str]:
    return [part for part in request.cookies.get(_cookie(), "").split(".") if part][:REMEMBERED]


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _signer() -> Signer:
    # A signature alone, so that the cookie tells nobody which accounts these are.
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return Signer(keys, salt="known-device")
