"""A store of pages: the catalogue comes from a table, and a payment provider takes the money."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, model_validator

from core.catalog.currencies import currencies
from core.websites.content import Card, Link, Page, Picture, Product, Products, Site, Steps
from core.websites.drafting import Draft, about, call, contact, escaped, hero
from core.websites.flow import site_flow
from core.websites.inputs import BrandInputs, asked
from core.websites.kind import Drafted, WebsiteType
from core.websites.rules import checked_address, slug_of
from core.websites.tables_of_text import PICTURE, Row, all_told, is_kept_picture, rows_of, unfit

_COLUMNS = ("name", "price", "currency", "sku", "text", PICTURE)
_PRICE = re.compile(r"\d{1,9}([.,]\d{1,2})?")


def _checkout(address: str) -> str:
    said = address.strip()
    for name in re.findall(r"\{([^{}]*)\}", said):
        if name not in ("sku", "name", "price", "currency"):
            raise ValueError("only {sku}, {name}, {price} and {currency} are put in")
    bare = re.sub(r"\{(sku|name|price|currency)\}", "x", said)
    if "{" in urlsplit(said).netloc or not bare.startswith("https://"):
        raise ValueError("begin it with https:// and the provider's own host")
    checked_address(bare)
    return said


class Inputs(BrandInputs):
    products_csv: str = asked(
        "long_text", "Products", "A table as CSV with the columns name, price, currency, sku, text, picture. "
        "Only name and price are needed; a picture is the SHA-256 of a kept file, or in the form the name of one chosen there.",
        max_length=100_000, offers="table",
        example="name,price,currency,sku,text\nRye bread,4.50,EUR,RYE-1,Slow dough and a stone oven",
    )  # fmt: skip
    currency: str = asked("text", "Currency", "Of prices that name none, for example EUR.", "EUR", max_length=3)
    checkout_address: Annotated[str, AfterValidator(_checkout)] = asked(
        "text", "Checkout", "The payment provider's address of one product; {sku}, {name}, {price} and {currency} are put in.",
        max_length=1_500, example="https://pay.example.com/buy?item={sku}",
    )  # fmt: skip

    @model_validator(mode="after")
    def _every_line(self) -> Self:
        if self.currency not in currencies():
            raise ValueError(f"{self.currency[:10]!r} is no currency; use a code such as EUR")
        try:
            rows = rows_of(self.products_csv, needed=("name", "price"), known=_COLUMNS)
            all_told(_wrong(rows, self.currency))
        except ValueError as problem:
            raise ValueError(f"Products: {problem}") from None
        return self


def _wrong(rows: list[Row], currency: str) -> Iterator[tuple[int, str]]:
    skus: dict[str, int] = {}
    for row in rows:
        if not row["name"]:
            yield row.line, "the name is missing"
        for column, most in (("name", 200), ("sku", 80), ("text", 5_000)):
            if wrong := unfit(row[column], most, lines=column == "text"):
                yield row.line, f"{column}: {wrong}"
        if not _PRICE.fullmatch(row["price"]):
            yield row.line, f"{row['price'][:20]!r} is no price; write it as 4.50"
        if (row["currency"] or currency).upper() not in currencies():
            yield row.line, f"{row['currency'][:10]!r} is no currency"
        if row[PICTURE] and not is_kept_picture(row[PICTURE]):
            yield (
                row.line,
                f"choose the picture {row[PICTURE][:40]!r} in the form, or give the SHA-256 of a kept file",
            )
        if row["sku"]:
            first = skus.setdefault(row["sku"], row.line)
            if first != row.line:
                yield row.line, f"the SKU {row['sku'][:40]!r} stands in line {first} too"


def draft(inputs: Inputs, facts: Drafted) -> Site:
    made = Draft(inputs)
    products = _products(inputs, made)
    keys = tuple(one.key for one in products)
    made.place("shop")
    shop = Page(
        key="shop", path="shop/", name=made.say("shop"), title=made.say("shop_title"),
        description=made.say("shop_description")[:300], blocks=(Products(keys=keys),),
    )  # fmt: skip
    pages = [shop, _ordering(made, inputs), about(made), contact(made)]
    actions = [Link(label=made.say("see_shop"), to="page:shop"), Link(label=made.say("hero_action"), to="page:contact")]
    made.add(
        Page(
            key="home", path="", name=made.say("home"), title=inputs.site_name, description=inputs.site_description[:300],
            blocks=(hero(made, actions), Products(title=made.say("featured"), keys=keys[:6]), call(made)),
        )
    )  # fmt: skip
    for page in pages:
        made.add(page)
    return made.site(products=products)


def _ordering(made: Draft, inputs: Inputs) -> Page:
    key, path = made.place("ordering")
    provider, buy = urlsplit(inputs.checkout_address).hostname or "", made.say("buy")
    cards = tuple(
        Card(title=made.say(f"ordering_{n}"), text=made.say(f"ordering_{n}_text", provider=provider, buy=buy))
        for n in (1, 2, 3)
    )
    return Page(
        key=key, path=path, name=made.say("delivery"), title=made.say("delivery"),
        description=made.say("ordering_description")[:300], blocks=(Steps(title=made.say("ordering_title"), steps=cards),),
    )  # fmt: skip


def _address(checkout: str, put: Mapping[str, str]) -> str:
    said = re.sub(r"\{(sku|name|price|currency)\}", lambda one: quote(put[one.group(1)], safe=""), checkout)
    return checked_address(said)


def _products(inputs: Inputs, made: Draft) -> tuple[Product, ...]:
    found, taken = list[Product](), set[str]()
    for row in rows_of(inputs.products_csv, needed=("name", "price"), known=_COLUMNS):
        stem = slug_of(row["name"], otherwise="product")
        stem = stem if stem[0].isalpha() else f"p-{stem}"
        key, number = stem, 1
        while key in taken:
            number += 1
            key = f"{stem}-{number}"
        taken.add(key)
        price, currency = Decimal(row["price"].replace(",", ".")), (row["currency"] or inputs.currency).upper()
        put = {"sku": row["sku"] or key, "name": row["name"], "price": f"{price:.2f}", "currency": currency}
        address = _address(inputs.checkout_address, put)
        picture = Picture(sha256=row[PICTURE], alt=row["name"]) if row[PICTURE] else None
        found.append(
            Product(
                key=key, name=row["name"], text=escaped(row["text"]), price=price, currency=currency,
                sku=row["sku"], picture=picture, buy=Link(label=made.say("buy"), to=address),
            )
        )  # fmt: skip
    return tuple(found)


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=draft, body=site_flow)
