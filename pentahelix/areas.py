"""Where things are: names for the codes of the ministry of home affairs (Kemendagri, not BPS).

"36.02" is a regency, "36.02.14" a district in it. Of Banten's 155 districts those of Lebak are known by name;
elsewhere people write the name themselves.
"""

from types import MappingProxyType

from pentahelix.vocabulary import Regency

_LEBAK = (
    "Malingping",
    "Panggarangan",
    "Bayah",
    "Cipanas",
    "Muncang",
    "Leuwidamar",
    "Bojongmanik",
    "Gunungkencana",
    "Banjarsari",
    "Cileles",
    "Cimarga",
    "Sajira",
    "Maja",
    "Rangkasbitung",
    "Warunggunung",
    "Cijaku",
    "Cikulur",
    "Cibadak",
    "Cibeber",
    "Cilograng",
    "Wanasalam",
    "Sobang",
    "Curugbitung",
    "Kalanganyar",
    "Lebakgedong",
    "Cihara",
    "Cirinten",
    "Cigemblong",
)

#: Code → name of a district, in the order of the codes.
DISTRICTS = MappingProxyType(
    {f"{Regency.LEBAK}.{number:02}": name for number, name in enumerate(_LEBAK, start=1)}
)


def districts_of(regency: Regency) -> list[tuple[str, str]]:
    """Code and name of the districts that are known by name, by name; none means that one has to write it."""
    known = ((code, name) for code, name in DISTRICTS.items() if Regency.of(code) is regency)
    return sorted(known, key=lambda district: district[1])


def district_name(area_code: str | None) -> str | None:
    """As in "Rangkasbitung"; None where the code says no more than the regency, or is not known."""
    return DISTRICTS.get(area_code or "")


def name_of(area_code: str | None) -> str | None:
    """As in "Rangkasbitung, Kabupaten Lebak", or what of it the code says; None outside Banten."""
    regency = Regency.of(area_code)
    parts = (district_name(area_code), regency and str(regency.label))
    return ", ".join(part for part in parts if part) or None
