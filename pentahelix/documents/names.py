"""The names of files: as people wrote them, and as a browser may write them to a disk."""

import re
import unicodedata
from urllib.parse import quote

#: A file's name may have 255 bytes on most disks; a browser adds " (1)".
LONGEST = 200
NAMELESS = "dokumen"

_ENDING = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,5}$")
#: Letters that show nothing, turn the direction of reading, or end a line: "mou[RLO]fdp.exe".
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: What Windows takes for a device, whatever its ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def tidy(given: str) -> str:
    """The name without folders and unseen letters, else as it was written."""
    # Browsers send quotes so; nothing else is encoded in the names of a form.
    name = re.split(r"[\\/]", given.replace("%22", '"'))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in _UNSEEN)
    # Windows drops dots and blanks at the end, and with them what hid the ending.
    return " ".join(unicodedata.normalize("NFC", name).split()).strip(" .")


def split(name: str) -> tuple[str, str]:
    """A tidy name as what goes before and its ending, in small letters with the dot: "mou", ".pdf"."""
    found = _ENDING.search(name)
    return (name[: found.start()], found[0].lower()) if found else (name, "")


def with_ending(stem: str, ending: str) -> str:
    """Both together, short enough for any disk."""
    room = LONGEST - len(ending.encode())
    short = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{short or NAMELESS}{ending}"


def attachment(name: str) -> str:
    """The header that lets a browser save a file under `name` (RFC 6266): nothing of it shows it inline."""
    name = re.sub(r'[<>:"|?*\\/]', "_", name)
    if _DEVICE.match(name):
        name = f"_{name}"
    stem, ending = split(name)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = " ".join(re.sub(r"[^\w ().,+-]", "", plain, flags=re.ASCII).split()) or NAMELESS
    return f"attachment; filename=\"{plain}{ending}\"; filename*=UTF-8''{quote(name, safe='')}"
