"""Who can sign in to the demonstration."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import TypedDict

#: Of every demo account; the demo is open to everybody who can reach it.
PASSWORD = "emping-melinjo-gula-aren"  # noqa: S105


class Account(TypedDict):
    role: str
    name: str
    email: str
    password: str | None  # null for the partner, who gets a link


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the demo's tables."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _names() -> dict[str, str]:
    people = {row["staff_key"]: row["name"] for row in rows("staff")}
    return people | {row["contact_key"]: row["name"] for row in rows("contacts")}


@cache
def all_accounts() -> list[Account]:
    return [
        Account(
            role=row["role"],
            name=row["name"] or _names()[row["staff_key"] or row["contact_key"]],
            email=row["email"],
            password=None if row["role"] == "partner" else PASSWORD,
        )
        for row in rows("accounts")
    ]


def write_file(folder: Path) -> None:
    """Keep the accounts where other programs find them: accounts.json beside the demo's database."""
    (folder / "accounts.json").write_text(
        json.dumps(all_accounts(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def read_file(folder: Path) -> list[Account]:
    accounts: list[Account] = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
    return accounts
