"""What can be wrong when a site is drafted, in sentences."""

from __future__ import annotations

from core.errors import CountersignError


class SiteNeeded(CountersignError):
    """A post belongs to a site that is there. Name the site; nothing was made."""

    http_status = 422


class NoSuchSite(CountersignError):
    """There is no published site called “{slug}” here. Look under Websites for the name in its address."""

    http_status = 422
