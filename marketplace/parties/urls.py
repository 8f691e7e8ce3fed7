"""Addresses of the parties chapter."""

from django.urls import path

from .views import entry, firms, my_firm, owner, publicity, shareholders, spot_checks

app_name = "parties"
urlpatterns = [
    path("entry/", entry.enter, name="enter"),
    path("entry/check-code/", entry.check_code, name="check_code"),
    path("entry/organization/", entry.enter_organization, name="enter_organization"),
    path("entry/services/", entry.enter_services, name="enter_services"),
    path("entry/certificates/", entry.enter_certificates, name="enter_certificates"),
    path("entry/check/", entry.enter_check, name="enter_check"),
    path("entry/done/<int:pk>/", entry.entered, name="entered"),
    path("entry/owner/", owner.enter_buyer, name="enter_buyer"),
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
    path("account/firm/shareholders/", shareholders.shareholders, name="shareholders"),
    path("account/firm/readings/", my_firm.readings, name="readings"),
    path("account/firm/members/", my_firm.members, name="members"),
    path("account/firm/members/add/", my_firm.member, name="member"),
    path("account/firm/members/<int:pk>/", my_firm.change_member, name="change_member"),
    path("account/firm/members/<int:pk>/remove/", my_firm.remove, name="remove_member"),
    path("publicity/", publicity.publicities, name="publicities"),
    path("publicity/<int:pk>/", publicity.publicity, name="publicity"),
    path("publicity/<int:pk>/object/", publicity.objecting, name="object"),
    path("publicity/objections/<int:pk>/file/", publicity.objection_file, name="objection_file"),
    path("spot-checks/", spot_checks.rounds, name="spot_checks"),
    path("spot-checks/<int:pk>/", spot_checks.spot_check_round, name="spot_check_round"),
]
