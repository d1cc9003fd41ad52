"""Sites of many brands, languages and shapes, drafted by the types themselves, for what measures sites."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.websites.content import Post, Site
from core.websites.kind import find_types

DAY = date(2026, 11, 22)
_NAMES: Mapping[str, tuple[str, str]] = {
    "en": ("Harbour Bakery", "Sourdough bread and seasonal pastry, baked every morning by the harbour."),
    "de": ("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaft",
           "Donaudampfschifffahrtsgesellschaftskapitänsmützen und Grundstücksverkehrsgenehmigungszuständigkeiten."),
    "ar": ("مخبز الميناء القديم", "خبز العجين المخمّر والمعجنات الموسمية، يُخبز كل صباح على رصيف الميناء."),
    "he": ("מאפיית הנמל", "לחם מחמצת ומאפים עונתיים, אפויים בכל בוקר ליד הנמל."),
    "ja": ("港のパン屋さん", "毎朝、港のそばで焼き上げる天然酵母のパンと、季節の果物をつかった焼き菓子のお店です。"),
    "zh": ("海港面包房与咖啡馆", "每天清晨在海港边烘焙的天然酵母面包、时令糕点，以及现磨咖啡。"),
    "hi": ("बंदरगाह बेकरी", "हर सुबह बंदरगाह के किनारे ताज़ी पकी हुई खमीर वाली रोटी और मौसमी पेस्ट्री।"),
    "fr": ("L’Œuvre & Fils", "Pain au levain, pâtisseries de saison : façonnés chaque matin sur le port, depuis 1987."),
    "el": ("Φούρνος του Λιμανιού", "Προζυμένιο ψωμί και γλυκά εποχής, κάθε πρωί δίπλα στο λιμάνι."),
}  # fmt: skip
_ODD = (
    ("X", "One letter, and no more."),
    ("🥐🚀✨ Crumb 🇯🇵👩🏽‍🍳", "Pastry with feeling 💛, by post ✉️ and by hand 🤝."),
    ("Wolstenholme, Featherstonehaugh, Cholmondeley-Marjoribanks & Sons of St Leonards",
     "We " + "advise on everything that a family may have to decide about land, houses and boats, " * 4 + "calmly."),
    ("Ñandú & Çelik <Møbler> \"A/S\"", "Chairs & tables; 5 < 6 > 4, 'plain' \\ honest."),
)  # fmt: skip
_PAGES = ("about", "services", "contact", "Opening hours", "Preise & Öffnungszeiten", "Team", "価格", "السعر",
          "Frequently asked questions about everything", "Privacy")  # fmt: skip
_FACES = ("", "Inter", "Old style serif", "Humanist", "Rounded", "Geometric", "System sans", "Comic Sans of nobody")
_PROSE = """The oven came on a Tuesday, and it did not fit through the door.

### How it got in

1. We measured.
2. We took out *the window*.
3. We ate **all** of the cake.

| Bread | Minutes | Price |
|:--|:-:|--:|
| Rye | 55 | 4.50 |
| Wheat with a very long name indeed | 40 | 12.00 |

> It is hot, and it is ours.

`code` stands too, and [a link](https://example.com/oven?a=1&b=2) leads out.
"""


@dataclass(frozen=True)
class Sample:
    name: str
    """Lower case, for addresses and files."""
    site: Site


def sample_sites(seed: int = 8, *, brands: int = 20) -> Iterator[Sample]:
    """Each type that makes pages, in turn with everything else by chance; the same seed gives the same sites."""
    chance = random.Random(seed)
    makers: list[Callable[[random.Random, dict[str, Any]], Site]] = [_basic, _landing, _affiliate, _store, _blog]
    names = [(language, *said) for language, said in _NAMES.items()] + [("en", *said) for said in _ODD]
    for number in range(brands):
        language, name, text = names[number % len(names)]
        maker = makers[(number + number // len(names)) % len(makers)]
        given = _brand(chance, language, name[:80], text[:400])
        yield Sample(f"{number:02}-{maker.__name__.strip('_')}-{language}", maker(chance, given))
    yield Sample("98-store-300-en", store(300, _brand(chance, "en", "A shop of three hundred things", "All of them.")))
    yield Sample("99-one-page-en", _drafted("website.create_basic_site", {
        **_brand(chance, "en", "Only One", "A site of a single page."), "pages": ["home"],
    }))  # fmt: skip


def store(products: int, given: Mapping[str, Any]) -> Site:
    rows = "".join(
        f"Thing number {n} of many,{n / 10 + 1:.2f},EUR,T-{n:04},It is number {n}. It is not any other.\n"
        for n in range(products)
    )
    return _drafted("website.create_ecommerce_store", {
        **given, "products_csv": f"name,price,currency,sku,text\n{rows}",
        "checkout_address": "https://pay.example.com/buy?item={sku}",
    })  # fmt: skip


def twelve_pages(*, posts: int = 0) -> Site:
    """A site of twelve pages, as the targets of speed are named for; posts and the list of them come on top."""
    names = (
        "home",
        "about",
        "services",
        "contact",
        "Prices",
        "Team",
        "Hours",
        "Press",
        "Jobs",
        "History",
        "Visit",
        "Events",
    )
    made = _drafted("website.create_basic_site", {
        "site_name": "Harbour Bakery", "site_description": _NAMES["en"][1], "contact_email": "hello@example.com",
        "pages": list(names), "include_blog": posts > 0,
    })  # fmt: skip
    return _with_posts(made, posts) if posts else made


def _brand(chance: random.Random, language: str, name: str, text: str) -> dict[str, Any]:
    hues = {part: f"#{chance.randrange(1 << 24):06x}" for part in ("primary", "secondary", "accent")}
    if chance.random() < 0.2:
        hues = dict.fromkeys(hues, chance.choice(("#ffffff", "#000000", "#ffff00", "#808080")))
    return {
        "site_name": name, "site_description": text, "contact_email": "hello@example.com", "language": language,
        "tone": chance.choice(("professional", "friendly", "bold")), "brand_colors": hues,
        "typography": {"heading": chance.choice(_FACES), "body": chance.choice(_FACES)},
        "target_audience": chance.choice(("", "Families near the harbour")),
    }  # fmt: skip


def _drafted(kind: str, given: Mapping[str, Any], existing: Site | None = None) -> Site:
    return find_types()[kind].draft(given, on=DAY, existing=existing)


def _basic(chance: random.Random, given: dict[str, Any]) -> Site:
    pages = ["home", *chance.sample(_PAGES, chance.randrange(0, 9))]
    return _drafted("website.create_basic_site", {**given, "pages": pages, "include_blog": chance.random() < 0.6})


def _landing(chance: random.Random, given: dict[str, Any]) -> Site:
    benefits = [
        "Baked at four: still warm when it reaches you",
        "No plan to cancel",
        "Paper, not plastic: and back it goes",
    ]
    questions = ["Can I pause it? Yes, any day until six in the evening.", "And gluten? There is some."]
    return _drafted("website.create_landing_page", {
        **given, "headline": given["site_description"][:120], "call_to_action": "Order a first loaf",
        "action_address": chance.choice(("", "https://example.com/order")), "benefits": benefits[: chance.randrange(4)],
        "questions": questions[: chance.randrange(3)],
    })  # fmt: skip


def _affiliate(chance: random.Random, given: dict[str, Any]) -> Site:
    rows = "".join(
        f"{chance.choice(('Knives', 'Öfen & Bretter', 'パン'))},Bread knife {n} cm,https://shop.example.com/k{n}?tag=me&x=1,"
        f"Long enough for number {n}\n"
        for n in range(chance.randrange(1, 40))
    )
    return _drafted("website.create_affiliate_site", {
        **given, "offers_csv": f"group,name,link,text\n{rows}", "programme": chance.choice(("", "Example Partners")),
    })  # fmt: skip


def _store(chance: random.Random, given: dict[str, Any]) -> Site:
    return store(chance.choice((1, 2, 30)), given)


def _blog(chance: random.Random, given: dict[str, Any]) -> Site:
    made = _basic(chance, given)
    post = {"site": "any", "title": given["site_description"][:160], "text": _PROSE, "author": given["site_name"]}
    return _with_posts(_drafted("content.create_blog_post", post, made), chance.choice((0, 3, 45)))


def _with_posts(site: Site, number: int) -> Site:
    posts = [
        Post(key=f"day-{n}", title=f"What happened on day {n}", description=f"Day {n}, in short.", prose=_PROSE,
             published=DAY - timedelta(days=n + 1))
        for n in range(number)
    ]  # fmt: skip
    return Site.model_validate({**site.model_dump(), "posts": [*(one.model_dump() for one in site.posts),
                                                               *(one.model_dump() for one in posts)]})  # fmt: skip
