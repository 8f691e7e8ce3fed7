"""Input of parties."""

from .entry import BuyerForm, CertificateForm, CodeForm, CommitmentForm, ContactForm, OrganizationForm, ServicesForm
from .objections import PublicityObjectionForm
from .own import DeclareForm, MemberForm, OfferForm, PowersForm, ProfileForm, ShareholderForm
from .people import EngagedForm, PractitionerForm
from .ways import BatchForm, ClaimForm, ReasonForm

__all__ = [
    "BatchForm",
    "BuyerForm",
    "CertificateForm",
    "ClaimForm",
    "CodeForm",
    "CommitmentForm",
    "ContactForm",
    "DeclareForm",
    "EngagedForm",
    "MemberForm",
    "OfferForm",
    "OrganizationForm",
    "PowersForm",
    "PractitionerForm",
    "ProfileForm",
    "PublicityObjectionForm",
    "ReasonForm",
    "ServicesForm",
    "ShareholderForm",
]
