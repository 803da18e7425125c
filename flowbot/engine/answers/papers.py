"""Kinds of identity documents by country: how each is called, and how its number is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import stdnum
from stdnum.exceptions import InvalidChecksum, ValidationError

LONGEST = 40
_KIND = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")
_SEPARATORS = re.compile(r"[\s.,\-/·–—]+")


class Wrong(Exception):
    """The number is none of this kind; `why`: form, length, check."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One kind of document. With `modules` of python-stdnum its check digits tell, else `form` and its length."""

    label: str
    modules: tuple[str, ...] = ()
    least: int = 0  # characters
    most: int = 0
    form: str = r"[0-9]+"
    check: Callable[[str], bool] | None = None

    def read(self, text: str) -> str:
        """The number without spaces and points; Wrong when it is none."""
        number = _SEPARATORS.sub("", text).upper()
        if not number or len(number) > LONGEST:
            raise Wrong("form")
        if self.modules:
            return self._by_module(number)
        if not re.fullmatch(self.form, number, re.ASCII):
            raise Wrong("form")
        if not self.least <= len(number) <= self.most:
            raise Wrong("length")
        if self.check is not None and not self.check(number):
            raise Wrong("check")
        return number

    def _by_module(self, number: str) -> str:
        why = "form"
        for module in self.modules:
            country, _, kind = module.partition(".")
            try:
                return str(stdnum.get_cc_module(country, kind).validate(number))  # type: ignore[union-attr]
            except InvalidChecksum:
                why = "check"
            except ValidationError:
                continue
        raise Wrong(why)


def paper(country: str, kind: str = "") -> Paper | None:
    """The rule for a kind of document, or for the country's usual one; None when nobody has a rule.

    >>> paper("CO").label, paper("BR").label, paper("CO", "nit").label, paper("CO", "cpf"), paper("AQ")
    ('cédula', 'CPF', 'NIT', None, None)
    >>> paper("CO").read("1.020.304.050"), paper("BR").read("529.982.247-25")
    ('1020304050', '52998224725')
    """
    known = PAPERS.get(country, {})
    kind = kind or next(iter(known), "")
    return known.get(kind) or _ANYWHERE.get(kind) or _other(country, kind)


def kinds(country: str) -> tuple[str, ...]:
    return (*PAPERS.get(country, {}), *_ANYWHERE)


def is_kind(kind: str) -> bool:
    """Whether any country has documents of this kind.

    >>> is_kind("cpf"), is_kind("passport"), is_kind("library_card")
    (True, True, False)
    """
    return kind in _ANYWHERE or any(paper(country, kind) for country in PAPERS)


@lru_cache(maxsize=256)
def _other(country: str, kind: str) -> Paper | None:
    """One of python-stdnum's own that is not in the table here."""
    if not _KIND.match(kind):
        return None
    try:
        module = stdnum.get_cc_module(country.lower(), kind)
    except ImportError:
        return None
    if not callable(getattr(module, "validate", None)):
        return None
    return Paper(label=kind.upper(), modules=(f"{country.lower()}.{kind}",))


def _checked(label: str, *modules: str) -> Paper:
    return Paper(label=label, modules=modules)


def _long(label: str, least: int, most: int, form: str = r"[0-9]+") -> Paper:
    """One without check digits, or whose check digits nobody publishes."""
    return Paper(label=label, least=least, most=most, form=form)


def _uruguayan(number: str) -> bool:
    """
    >>> _uruguayan("12345672"), _uruguayan("12345673")
    (True, False)
    """
    digits = [int(digit) for digit in number.zfill(8)]
    total = sum(weight * digit for weight, digit in zip((2, 9, 8, 7, 6, 3, 4), digits, strict=False))
    return -total % 10 == digits[-1]


# What is asked for in a country that has no rule here.
UNKNOWN = _long("", 4, 20, r"[A-Z0-9]*[0-9][A-Z0-9]*")
_ANYWHERE: Mapping[str, Paper] = {"passport": _long("passport", 6, 9, r"[A-Z0-9]*[0-9][A-Z0-9]*")}

# Country -> kind -> rule. The first of a country is what people there call their identity document.
PAPERS: Mapping[str, Mapping[str, Paper]] = {
    "AR": {"dni": _checked("DNI", "ar.dni"), "cuit": _checked("CUIT", "ar.cuit")},
    "AT": {"vnr": _checked("VNR", "at.vnr")},
    "BE": {"nn": _checked("NN", "be.nn")},
    "BG": {"egn": _checked("EGN", "bg.egn")},
    "BO": {"ci": _long("CI", 5, 10, r"[0-9]+[A-Z]{0,3}")},
    "BR": {"cpf": _checked("CPF", "br.cpf"), "cnpj": _checked("CNPJ", "br.cnpj")},
    "CA": {"sin": _checked("SIN", "ca.sin")},
    "CH": {"ssn": _checked("AHV", "ch.ssn")},
    "CL": {"rut": _checked("RUT", "cl.rut")},
    "CN": {"ric": _checked("RIC", "cn.ric")},
    "CO": {
        "cc": _long("cédula", 6, 10),
        "ti": _long("tarjeta de identidad", 10, 11),
        "ce": _long("cédula de extranjería", 6, 7),
        "ppt": _long("PPT", 6, 8),
        "nit": _checked("NIT", "co.nit"),
    },
    "CR": {"cedula": _checked("cédula", "cr.cpf")},
    "CU": {"ni": _checked("carné de identidad", "cu.ni")},
    "CZ": {"rc": _checked("RČ", "cz.rc")},
    "DE": {"idnr": _checked("IdNr", "de.idnr")},
    "DK": {"cpr": _checked("CPR", "dk.cpr")},
    "DO": {"cedula": _checked("cédula", "do.cedula")},
    "EC": {"ci": _checked("cédula", "ec.ci"), "ruc": _checked("RUC", "ec.ruc")},
    "EE": {"ik": _checked("isikukood", "ee.ik")},
    "ES": {"dni": _checked("DNI/NIE", "es.dni", "es.nie"), "nif": _checked("NIF", "es.nif")},
    "FI": {"hetu": _checked("HETU", "fi.hetu")},
    "FR": {"nir": _checked("NIR", "fr.nir")},
    "GB": {"nino": _long("NINO", 9, 9, r"[A-CEGHJ-PR-TW-Z]{2}[0-9]{6}[A-D]"), "nhs": _checked("NHS", "gb.nhs")},
    "GR": {"amka": _checked("AMKA", "gr.amka")},
    "GT": {"dpi": _long("DPI", 13, 13), "nit": _checked("NIT", "gt.nit")},
    "HN": {"dni": _long("DNI", 13, 13)},
    "HR": {"oib": _checked("OIB", "hr.oib")},
    "ID": {"nik": _checked("NIK", "id.nik")},
    "IE": {"pps": _checked("PPS", "ie.pps")},
    "IL": {"idnr": _checked("ID", "il.idnr")},
    "IN": {"aadhaar": _checked("Aadhaar", "in.aadhaar"), "pan": _checked("PAN", "in.pan")},
    "IS": {"kennitala": _checked("kennitala", "is.kennitala")},
    "IT": {"codicefiscale": _checked("codice fiscale", "it.codicefiscale")},
    "KE": {"id": _long("ID", 6, 9)},
    "KR": {"rrn": _checked("RRN", "kr.rrn")},
    "LT": {"asmens": _checked("asmens kodas", "lt.asmens")},
    "MX": {"curp": _checked("CURP", "mx.curp"), "rfc": _checked("RFC", "mx.rfc")},
    "MY": {"nric": _checked("NRIC", "my.nric")},
    "NG": {"nin": _long("NIN", 11, 11)},
    "NI": {"cedula": _long("cédula", 14, 14, r"[0-9]{13}[A-Z]")},
    "NL": {"bsn": _checked("BSN", "nl.bsn")},
    "NO": {"fodselsnummer": _checked("fødselsnummer", "no.fodselsnummer")},
    "PA": {"cedula": _long("cédula", 5, 13, r"[A-Z0-9]*[0-9]")},
    "PE": {"dni": _checked("DNI", "pe.cui"), "ruc": _checked("RUC", "pe.ruc")},
    "PK": {"cnic": _checked("CNIC", "pk.cnic")},
    "PL": {"pesel": _checked("PESEL", "pl.pesel")},
    "PT": {"cc": _checked("CC", "pt.cc"), "nif": _checked("NIF", "pt.nif")},
    "PY": {"ci": _long("CI", 5, 8), "ruc": _checked("RUC", "py.ruc")},
    "RO": {"cnp": _checked("CNP", "ro.cnp")},
    "SE": {"personnummer": _checked("personnummer", "se.personnummer")},
    "SI": {"emso": _checked("EMŠO", "si.emso")},
    "SK": {"rc": _checked("RČ", "sk.rc")},
    "SV": {"dui": _long("DUI", 9, 9), "nit": _checked("NIT", "sv.nit")},
    "TH": {"pin": _checked("PIN", "th.pin")},
    "TR": {"tckimlik": _checked("T.C. kimlik", "tr.tckimlik")},
    "UA": {"rntrc": _checked("РНОКПП", "ua.rntrc")},
    "US": {"ssn": _checked("SSN", "us.ssn"), "itin": _checked("ITIN", "us.itin")},
    "UY": {"ci": Paper(label="cédula", least=7, most=8, check=_uruguayan)},
    "VE": {"ci": _long("cédula", 6, 10, r"[VE]?[0-9]+"), "rif": _checked("RIF", "ve.rif")},
    "ZA": {"idnr": _checked("ID", "za.idnr")},
}
