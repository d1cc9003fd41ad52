"""What a site tells search engines and previews: titles, JSON-LD, sitemap and robots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from core.websites.content import Questions, Site
from core.websites.plan import Place, Plan
from core.websites.prose import plain

_ADDRESS = {
    "street": "streetAddress", "city": "addressLocality", "region": "addressRegion", "postal_code": "postalCode",
    "postcode": "postalCode", "zip": "postalCode", "country": "addressCountry",
}  # fmt: skip
_CONTACT = {
    "telephone": "telephone",
    "phone": "telephone",
    "email": "email",
    "e_mail": "email",
    "hours": "openingHours",
}
_MOST_DESCRIBED = 300


def title_of(place: Place, site: Site) -> str:
    """As a browser's tab shows it: the page, then the site."""
    if place.path == "" and site.name.casefold() in place.title.casefold():
        return place.title
    return f"{place.title} · {site.name}"


def description_of(place: Place, site: Site) -> str:
    own = place.description
    if not own and place.product is not None:  # with its name: several products may have the same text, or none
        own = plain(f"{place.product.name}. {place.product.text or site.description}", most=160)
    return (own or site.description or place.title)[:_MOST_DESCRIBED]


def structured_data(place: Place, plan: Plan, picture: str) -> Markup:
    """JSON-LD of one page as it may stand in a script element: nothing in it can end the script."""
    graph = list(_graph(place, plan, picture))
    said = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        said = said.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(said)  # noqa: S704 - every character that means something to HTML is spelled otherwise


def key_of(label: str) -> str:
    """What somebody called a fact of the organisation, as one spelling: "Postal code" is postal_code."""
    return label.strip().lower().replace(" ", "_").replace("-", "_")


def organisation_of(plan: Plan) -> dict[str, Any]:
    told = {key_of(label): text for label, text in plan.site.organisation if text}
    address = {_ADDRESS[key]: text for key, text in told.items() if key in _ADDRESS}
    contact = {_CONTACT[key]: text for key, text in told.items() if key in _CONTACT}
    made: dict[str, Any] = {
        "@type": "LocalBusiness" if "streetAddress" in address else "Organization",
        "@id": f"{plan.address}#organisation", "name": plan.site.name, "url": plan.address, **contact,
    }  # fmt: skip
    if plan.site.description:
        made["description"] = plan.site.description
    if address:
        made["address"] = {"@type": "PostalAddress", **address}
    return made


def sitemap_of(plan: Plan) -> str:
    rows = "".join(
        f"<url><loc>{escape(plan.url(one.path))}</loc>"
        + (f"<lastmod>{one.post.published.isoformat()}</lastmod>" if one.post else "")
        + "</url>\n"
        for one in plan.places
        if one.listed
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    )


def robots_of(plan: Plan) -> str:
    return f"User-agent: *\nAllow: /\n\nSitemap: {plan.url('sitemap.xml')}\n"


def _graph(place: Place, plan: Plan, picture: str) -> Iterator[Mapping[str, Any]]:
    site, here = plan.site, plan.url(place.path)
    business = {"@id": f"{plan.address}#organisation"}
    if place.path == "":
        yield {**organisation_of(plan), "image": picture}
        yield {
            "@type": "WebSite", "@id": f"{plan.address}#site", "url": plan.address, "name": site.name,
            "inLanguage": site.language, "publisher": business,
        }  # fmt: skip
    above = plan.above(place)
    if above:
        yield {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": number, "name": one.name, "item": plan.url(one.path)}
                for number, one in enumerate((*above, place), start=1)
            ],
        }
    if place.post is not None:
        day, author = place.post.published.isoformat(), place.post.author
        yield {
            "@type": "BlogPosting", "headline": place.title, "description": description_of(place, site), "url": here,
            "mainEntityOfPage": here, "datePublished": day, "dateModified": day, "inLanguage": site.language, "image": picture,
            "author": {"@type": "Person", "name": author} if author else {"@type": "Organization", "name": site.name},
            "publisher": {"@type": "Organization", "name": site.name, "url": plan.address},
        }  # fmt: skip
    if place.product is not None:
        yield _product(place, plan, picture)
    asked = [
        one
        for block in (place.page.blocks if place.page else ())
        if isinstance(block, Questions)
        for one in block.questions
    ]
    if asked:
        yield {
            "@type": "FAQPage",
            "mainEntity": [
                {
                    "@type": "Question", "name": one.question,
                    "acceptedAnswer": {"@type": "Answer", "text": plain(one.answer, most=20_000)},
                }
                for one in asked
            ],
        }  # fmt: skip


def _product(place: Place, plan: Plan, picture: str) -> Mapping[str, Any]:
    product = place.product
    assert product is not None
    made: dict[str, Any] = {
        "@type": "Product", "name": product.name or place.title, "description": description_of(place, plan.site),
        "image": picture, "url": plan.url(place.path),
        "offers": {
            "@type": "Offer", "price": format(product.price, "f"), "priceCurrency": product.currency,
            "availability": f"https://schema.org/{'InStock' if product.available else 'OutOfStock'}",
            "url": plan.url(place.path), "seller": {"@type": "Organization", "name": plan.site.name},
        },
    }  # fmt: skip
    if product.sku:
        made["sku"] = product.sku
    return made
