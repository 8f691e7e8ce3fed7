"""Input of parties."""

from .entry import BuyerForm, CertificateForm, CodeForm, CommitmentForm, OrganizationForm, ServicesForm
from .objections import PublicityObjectionForm
from .own import DeclareForm, MemberForm, OfferForm, PowersForm, ProfileForm, ShareholderForm

__all__ = [
    "BuyerForm",
    "CertificateForm",
    "CodeForm",
    "CommitmentForm",
    "DeclareForm",
    "MemberForm",
    "OfferForm",
    "OrganizationForm",
    "PowersForm",
    "ProfileForm",
    "PublicityObjectionForm",
    "ServicesForm",
    "ShareholderForm",
]
