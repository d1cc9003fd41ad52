"""Sites for tests: one with every block, and one that is hostile in every text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.websites.content import (
    Brand,
    Call,
    Card,
    Cards,
    ContactForm,
    Disclosure,
    Facts,
    Hero,
    Link,
    Page,
    Post,
    Posts,
    Product,
    Products,
    Question,
    Questions,
    Quote,
    Site,
    Steps,
    Text,
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} ]]> --> javascript:alert(1) ../../etc"
PROSE = """### How we work

We listen *first*, then **write it down**.

- One
- Two, with [a link](https://example.com/a?b=1&c=2)

| Plan | Price |
|---|---:|
| Small | 10 |
"""


def site(*, name: str = "Harbour Bakery", language: str = "en", layout: str = "") -> Site:
    """A small business with every kind of block, a blog and two products."""
    from core.websites.layout import find_layouts

    products = tuple(
        Product(
            key=key,
            name=said,
            text=PROSE,
            price=Decimal("4.50"),
            currency="EUR",
            sku=key.upper(),
            buy=Link(label="Buy", to="https://pay.example.com/" + key),
        )
        for key, said in (("rye-bread", "Rye bread"), ("seed-roll", "Seed roll"))
    )
    home = Page(
        key="home",
        path="",
        name="Home",
        title=name,
        description=f"{name} bakes bread by the harbour.",
        blocks=(
            Hero(
                title="Bread worth the walk",
                text="Baked at four, gone by noon.",
                actions=(Link(label="Visit us", to="page:contact"),),
            ),
            Cards(
                title="What we bake",
                cards=tuple(Card(title=one, text="Slow dough, stone oven.") for one in ("Rye", "Wheat", "Spelt")),
            ),
            Steps(title="How to order", steps=(Card(title="Choose"), Card(title="Call"), Card(title="Collect"))),
            Quote(text="The best rye in town.", who="Asha Rao"),
            Posts(title="News", most=3),
            Call(title="Hungry?", text="We open at six.", action=Link(label="Find us", to="page:contact")),
        ),
    )
    about = Page(
        key="about",
        path="about/",
        name="About",
        title="About us",
        description="Who bakes, since when, and why.",
        blocks=(
            Text(title="Our story", prose=PROSE),
            Questions(title="Questions", questions=(Question(question="Open on Sunday?", answer="Yes."),)),
        ),
    )
    shop = Page(
        key="shop",
        path="shop/",
        name="Shop",
        title="Shop",
        description="Bread to order.",
        blocks=(
            Disclosure(text="Some links are paid for."),
            Products(title="Bread", keys=tuple(one.key for one in products)),
        ),
    )
    blog = Page(
        key="blog", path="blog/", name="Blog", title="Blog", description="News from the oven.", blocks=(Posts(),)
    )
    contact = Page(
        key="contact",
        path="contact/",
        name="Contact",
        title="Contact",
        description="Where we are and how to write to us.",
        blocks=(Facts(facts=(("Street", "Quay 4"), ("Open", "6 to 12"))), ContactForm(title="Write to us")),
    )
    pages = (home, about, shop, blog, contact)
    return Site(
        name=name,
        description="A bakery by the harbour.",
        language=language,
        layout=layout or next(iter(find_layouts()), "plain"),
        brand=Brand(),
        pages=pages,
        navigation=tuple(Link(label=page.name, to=f"page:{page.key}") for page in pages),
        posts=(
            Post(
                key="first-loaf",
                title="The first loaf",
                description="How it began.",
                prose=PROSE,
                published=date(2026, 10, 1),
                author="Asha Rao",
            ),
            Post(
                key="new-oven", title="A new oven", description="It is hot.", prose=PROSE, published=date(2026, 11, 1)
            ),
        ),
        blog="blog/",
        products=products,
        organisation=(("telephone", "+49 30 1234"), ("city", "Berlin")),
    )


def hostile_site() -> Site:
    """Markup in every text."""
    line = HOSTILE[:190]
    page = Page(
        key="home",
        path="",
        name=line,
        title=line,
        description=line,
        blocks=(
            Hero(title=line, text=line, actions=(Link(label=line, to="https://example.com/?<script>=1"),)),
            Text(title=line, prose=HOSTILE * 3),
            Cards(title=line, text=line, cards=(Card(title=line, text=line),)),
            Quote(text=line, who=line),
            Questions(title=line, questions=(Question(question=line, answer=HOSTILE),)),
            Facts(title=line, facts=((line, line),)),
            ContactForm(title=line, text=line),
            Disclosure(text=line),
        ),
    )
    return Site(
        name=line,
        description=line,
        layout=site().layout,
        brand=Brand(primary="#FFFFFF", secondary="#FFFFFF", accent="#FEFEFE", heading_font=line),
        pages=(page,),
        navigation=(Link(label=line, to="page:home"),),
    )
