"""The machine-readable lines of passports and cards (ICAO 9303): found in a text, and held to their check digits.

>>> lines = find("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")
>>> found = read(lines, date(2026, 11, 25))
>>> found["number"], found["surname"], found["names"], found["expires"], found["wrong"]
('L898902C3', 'ERIKSSON', 'ANNA MARIA', '2012-04-15', [])
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

WEIGHTS = (7, 3, 1)
TD3 = re.compile(r"(P[A-Z<][A-Z<]{3}[A-Z<]{39})\s*([A-Z0-9<]{44})")  # passports: two lines of 44
TD1 = re.compile(r"([ACI][A-Z<][A-Z<]{3}[A-Z0-9<]{25})\s*([0-9<]{7}[MFX<][A-Z0-9<]{22})\s*([A-Z<]{30})")  # cards


def find(text: str) -> tuple[str, ...]:
    """The lines, () when the text holds none. Spaces within a line do not matter."""
    squeezed = "\n".join(line.replace(" ", "").upper() for line in text.splitlines())
    found = TD3.search(squeezed) or TD1.search(squeezed) or TD3.search(squeezed.replace("\n", ""))
    return found.groups() if found else ()


def check_digit(text: str) -> str:
    """
    >>> check_digit("L898902C3"), check_digit("740812"), check_digit("<<")
    ('6', '2', '0')
    """
    values = (0 if char == "<" else int(char, 36) for char in text)
    return str(sum(value * WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def read(lines: tuple[str, ...], today: date) -> dict[str, Any]:
    """What the lines say, the check digits that hold (`right`), and the names of those that do not (`wrong`)."""
    if len(lines) == 2:
        first, second = lines
        parts = {"number": (second[:9], second[9]), "born": (second[13:19], second[19])}
        parts["expires"] = (second[21:27], second[27])
        if second[28:42].strip("<"):
            parts["personal_number"] = (second[28:42], second[42])
        parts["whole"] = (second[:10] + second[13:20] + second[21:43], second[43])
        country, names = first[2:5], first[5:]
    else:
        first, second, names = lines
        parts = {"number": (first[5:14], first[14]), "born": (second[:6], second[6])}
        parts["expires"] = (second[8:14], second[14])
        parts["whole"] = (first[5:30] + second[:7] + second[8:15] + second[18:29], second[29])
        country = first[2:5]
    surname, _, given = names.partition("<<")
    wrong = [name for name, (text, digit) in parts.items() if digit != check_digit(text)]
    return {
        "number": parts["number"][0].strip("<"),
        "country": country.strip("<"),
        "surname": surname.replace("<", " ").strip(),
        "names": given.replace("<", " ").strip(),
        "born": _day(parts["born"][0], latest=today.year),
        "expires": _day(parts["expires"][0]),
        "right": len(parts) - len(wrong),
        "wrong": wrong,
    }


def _day(text: str, latest: int = 2099) -> str:
    """
    >>> _day("740812", 2026), _day("120415"), _day("991399", 2026)
    ('1974-08-12', '2012-04-15', '')
    """
    if not text.isdecimal():
        return ""
    year = 2000 + int(text[:2])
    if year > latest:
        year -= 100
    try:
        return date(year, int(text[2:4]), int(text[4:])).isoformat()
    except ValueError:
        return ""
