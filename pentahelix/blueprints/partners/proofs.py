"""That a partner of other clusters was shown to somebody: they may involve it, and nobody can guess one."""

import hmac
from hashlib import sha256

from flask import current_app

from pentahelix.principal import Principal


def proof_of(partner_id: int, person: Principal) -> str:
    """What a button carries that was drawn beside the partner for `person`."""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"partner shown:{partner_id}:{person.id}".encode(), sha256).hexdigest()


def is_proof(text: str, partner_id: int, person: Principal) -> bool:
    return hmac.compare_digest(text.encode(), proof_of(partner_id, person).encode())
