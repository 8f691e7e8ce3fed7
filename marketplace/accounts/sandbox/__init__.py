"""The local identity provider: a real OpenID Connect provider (django-allauth's) over invented people, in its own process."""
