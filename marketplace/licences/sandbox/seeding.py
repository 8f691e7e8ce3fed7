"""Licences for given holders: a firm's registration and certificates, its practitioners' certificates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .store import ControlRefused, Store
from .types import REGISTRATIONS, Type, types


@dataclass(frozen=True)
class Certificate:
    """Be a certificate to issue; `type_code` empty: the library's own for this kind."""

    kind: str
    number: str
    grade: str = ""
    scope: str = ""
    issued_on: date | None = None
    valid_until: date | None = None
    type_code: str = ""


@dataclass(frozen=True)
class Person:
    """Be a practitioner with one certificate; `code` is the person's number."""

    code: str
    name: str
    certificate: Certificate
    discipline: str = ""


@dataclass(frozen=True)
class Holder:
    """Be an organization and what it has; `kind` is an Organization.Kind, `region` a region's code, `capital` in words."""

    code: str
    name: str
    kind: str
    legal_representative: str
    address: str
    region: str = ""
    capital: str = ""
    registered_on: date | None = None
    certificates: tuple[Certificate, ...] = ()
    practitioners: tuple[Person, ...] = field(default=())


def seed(store: Store, holders: Iterable[Holder], *, today: date) -> int:
    """Issue what each holder has and the library does not know yet; returns how many licences that were."""
    issued = 0
    for holder in holders:
        issued += _once(store, registration(holder, today=today), types()[holder.kind].issuer_code, today)
        for certificate in holder.certificates:
            body = certificate_body(certificate, holder_code=holder.code, holder_name=holder.name, today=today)
            issued += _once(store, body, types()[certificate.kind].issuer_code, today)
        for person in holder.practitioners:
            body = practitioner_body(person, holder, today=today)
            issued += _once(store, body, types()[person.certificate.kind].issuer_code, today)
    return issued


def registration(holder: Holder, *, today: date) -> dict[str, Any]:
    """Return the business licence of a holder, or what bodies have in its stead."""
    if holder.kind not in REGISTRATIONS:
        raise ControlRefused(f"没有适用于主体性质 {holder.kind} 的登记证照。")
    issued = holder.registered_on or today - timedelta(days=1500)
    fields = {
        "kind": holder.kind,
        "legal_representative": holder.legal_representative,
        "address": holder.address,
        "region": holder.region,
        "registered_on": issued.isoformat(),
        "capital": holder.capital,
    }
    plain = Certificate(kind=holder.kind, number=holder.code, issued_on=issued)
    return _body(plain, holder.code, holder.name, fields, today)


def certificate_body(certificate: Certificate, *, holder_code: str, holder_name: str, today: date) -> dict[str, Any]:
    """Return the certificate of an organization."""
    fields = {"kind": certificate.kind, "grade": certificate.grade, "scope": certificate.scope}
    return _body(certificate, holder_code, holder_name, fields, today)


def practitioner_body(person: Person, holder: Holder, *, today: date) -> dict[str, Any]:
    """Return the certificate of a practitioner who is registered at a holder."""
    certificate = person.certificate
    fields = {
        "kind": certificate.kind,
        "person": person.name,
        "profession": _type(certificate.kind).name.removesuffix("证书"),
        "discipline": person.discipline,
        "registered_at": holder.name,
        "registered_code": holder.code,
    }
    return _body(certificate, person.code, person.name, fields, today)


def _body(
    certificate: Certificate, holder_code: str, holder_name: str, fields: dict[str, str], today: date
) -> dict[str, Any]:
    kind = _type(certificate.kind)
    issued = certificate.issued_on or today - timedelta(days=400)
    until = certificate.valid_until
    if until is not None and until < issued:
        issued = until - timedelta(days=365)
    return {
        "type_code": certificate.type_code or kind.type_code,
        "name": kind.name,
        "holder_code": holder_code,
        "holder_name": holder_name,
        "number": certificate.number,
        "issuer": kind.issuer,
        "issued_on": issued.isoformat(),
        "valid_until": until.isoformat() if until else None,
        "fields": {name: value for name, value in fields.items() if value},
        "replaces": "",
    }


def _once(store: Store, body: dict[str, Any], issuer_code: str, today: date) -> int:
    if store.knows(body["holder_code"], body["type_code"], body["number"]):
        return 0
    store.issue(body, issuer_code=issuer_code, today=today)
    return 1


def _type(kind: str) -> Type:
    if kind not in types():
        raise ControlRefused(f"本地证照库没有种类 {kind}。")
    return types()[kind]
