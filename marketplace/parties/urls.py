"""Addresses of the parties chapter."""

from django.urls import path

from .views import batches, claims, entry, firms, my_firm, owner, practitioners, shareholders

app_name = "parties"
urlpatterns = [
    path("entry/", entry.enter, name="enter"),
    path("entry/check-code/", entry.check_code, name="check_code"),
    path("entry/organization/", entry.enter_organization, name="enter_organization"),
    path("entry/services/", entry.enter_services, name="enter_services"),
    path("entry/certificates/", entry.enter_certificates, name="enter_certificates"),
    path("entry/check/", entry.enter_check, name="enter_check"),
    path("entry/done/<int:pk>/", entry.entered, name="entered"),
    path("entry/letters/<int:pk>/", entry.letter, name="letter"),
    path("entry/drafts/<int:pk>/discard/", entry.discard, name="discard_draft"),
    path("entry/invited/<str:word>/", entry.invited, name="invited"),
    path("entry/owner/", owner.enter_buyer, name="enter_buyer"),
    path("entry/owner/check/", owner.check_buyer, name="check_buyer"),
    path("entry/claim/", claims.claim_new, name="claim_new"),
    path("entry/claims/<int:pk>/", claims.claim, name="claim"),
    path("entry/claims/<int:pk>/file/", claims.claim_file, name="claim_file"),
    path("entry/batch/", batches.batch, name="batch"),
    path("entry/batch/template/", batches.batch_template, name="batch_template"),
    path("entry/batch/<int:pk>/", batches.batch_list, name="batch_list"),
    path("entry/batch/<int:pk>/run/", batches.batch_run, name="batch_run"),
    path("entry/batch/<int:pk>/results/", batches.batch_results, name="batch_results"),
    path("firms/", firms.firms, name="firms"),
    path("firms/<int:pk>/", firms.firm, name="firm"),
    path("firms/<int:pk>/shareholders/", shareholders.shareholders, name="shareholders_of"),
    path("certificates/<int:pk>/", firms.certificate, name="certificate"),
    path("account/organization/", my_firm.switch, name="switch"),
    path("account/firm/", my_firm.my_firm, name="my_firm"),
    path("account/firm/profile/", my_firm.profile, name="profile"),
    path("account/firm/services/", my_firm.offer, name="offer"),
    path("account/firm/services/<int:pk>/withdraw/", my_firm.withdraw, name="withdraw"),
    path("account/firm/qualifications/", my_firm.declare, name="declare"),
    path("account/firm/practitioners/", practitioners.practitioners, name="practitioners"),
    path("account/firm/practitioners/<int:pk>/release/", practitioners.release, name="release_practitioner"),
    path("account/firm/shareholders/", shareholders.shareholders, name="shareholders"),
    path("account/firm/members/", my_firm.member, name="member"),
]
