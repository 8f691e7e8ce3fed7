"""Organizations and what belongs to them: people, certificates, offers, ways in, notices and checks."""

from .checks import LibraryFeed, SpotCheck, SpotCheckRound
from .entries import EntryBatch, EntryBatchRow, EntryClaim, EntryDraft
from .organizations import Commitment, Organization, OrganizationQuerySet, Origin, Shareholding
from .people import Membership, Practitioner, PractitionerCertificate
from .publicity import Publicity, PublicityObjection
from .qualifications import Qualification, ServiceOffering

__all__ = [
    "Commitment",
    "EntryBatch",
    "EntryBatchRow",
    "EntryClaim",
    "EntryDraft",
    "LibraryFeed",
    "Membership",
    "Organization",
    "OrganizationQuerySet",
    "Origin",
    "Practitioner",
    "PractitionerCertificate",
    "Publicity",
    "PublicityObjection",
    "Qualification",
    "ServiceOffering",
    "Shareholding",
    "SpotCheck",
    "SpotCheckRound",
]
