"""Every address of the site, by chapter."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

# Pictures of pages; in production nginx or the object storage serves them.
PICTURES = {"document_root": settings.MEDIA_ROOT / "images"}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketplace.core.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("account/", include("marketplace.accounts.urls")),
    path("account/", include("marketplace.accounts.urls_allauth")),
    path("services/", include("marketplace.catalog.urls")),
    path("", include("marketplace.parties.urls")),
    path("projects/", include("marketplace.projects.urls")),
    path("tenders/", include("marketplace.tenders.urls")),
    path("auctions/", include("marketplace.bidding.urls")),
    path("", include("realtime.urls")),
    path("awards/", include("marketplace.awards.urls")),
    path("payments/", include("payments.urls")),
    path("v1/", include("payments.api.urls")),
    path("contracts/", include("marketplace.contracts.urls")),
    path("reviews/", include("marketplace.reviews.urls")),
    path("approvals/", include("marketplace.approvals.urls")),
    path("", include("marketplace.process.urls")),
    path("oversight/", include("marketplace.oversight.urls")),
    path("search/", include("search.urls")),
    path("api/", include("search.api.urls")),
    path("", include("cms.urls")),
    # One sign-in for all: Wagtail's own would know neither second factors nor our limits.
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:sign_in", query_string=True)),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    *([] if settings.PRODUCTION else [path("media/images/<path:path>", serve, PICTURES)]),
    path("", include(wagtail_urls)),
]
