"""Input of parties."""

from .entry import BuyerForm, CertificateForm, CodeForm, CommitmentForm, OrganizationForm, ServicesForm
from .own import DeclareForm, MemberForm, OfferForm, ProfileForm, ShareholderForm

__all__ = [
    "BuyerForm",
    "CertificateForm",
    "CodeForm",
    "CommitmentForm",
    "DeclareForm",
    "MemberForm",
    "OfferForm",
    "OrganizationForm",
    "ProfileForm",
    "ServicesForm",
    "ShareholderForm",
]
