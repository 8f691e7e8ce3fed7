"""Input of parties."""

from .entry import BuyerForm, CertificateForm, CodeForm, CommitmentForm, ContactForm, OrganizationForm, ServicesForm
from .own import DeclareForm, MemberForm, OfferForm, ProfileForm, ShareholderForm
from .ways import BatchForm, ClaimForm, PractitionerForm, ReasonForm

__all__ = [
    "BatchForm",
    "BuyerForm",
    "CertificateForm",
    "ClaimForm",
    "CodeForm",
    "CommitmentForm",
    "ContactForm",
    "DeclareForm",
    "MemberForm",
    "OfferForm",
    "OrganizationForm",
    "PractitionerForm",
    "ProfileForm",
    "ReasonForm",
    "ServicesForm",
    "ShareholderForm",
]
