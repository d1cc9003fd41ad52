"""One page with one aim: what it is, what it gives, what people ask, and the one thing to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from core.websites.content import (
    Block,
    Call,
    Card,
    Cards,
    ContactForm,
    Facts,
    Link,
    Page,
    Question,
    Questions,
    Site,
)
from core.websites.drafting import Draft, audience, escaped, hero, how_it_goes
from core.websites.flow import site_flow
from core.websites.inputs import BrandInputs, Line, asked
from core.websites.kind import Drafted, WebsiteType
from core.websites.rules import checked_address


def _opens(address: str) -> str:
    said = address.strip()
    if said and not said.startswith(("https://", "http://")):
        raise ValueError("begin it with https:// or http://")
    return checked_address(said) if said else ""


def _asked_and_answered(line: str) -> str:
    question, _, answer = line.partition("?")
    if not question.strip() or not answer.strip():
        raise ValueError("write each as a question, its question mark, and the answer on one line")
    return line


class Inputs(BrandInputs):
    headline: Annotated[Line, Field(min_length=1)] = asked(
        "text", "Headline", "What the visitor gets, in a few words.", max_length=120, example="Fresh bread at your door by seven"
    )  # fmt: skip
    call_to_action: Annotated[Line, Field(min_length=1)] = asked(
        "text", "What to do", "The words on the button.", max_length=60, example="Order a first loaf"
    )
    action_address: Annotated[str, AfterValidator(_opens)] = asked(
        "url", "Where the button leads", "A web address. Without one, it leads to the contact form.", "",
        max_length=2_000, example="https://example.com/order",
    )  # fmt: skip
    benefits: tuple[Annotated[Line, Field(min_length=1, max_length=200)], ...] = asked(
        "list", "What it gives", "One a line. A colon parts the heading from its explanation.", (), max_length=9,
        example=["Baked at four: still warm when it reaches you"],
    )  # fmt: skip
    questions: tuple[Annotated[Line, Field(max_length=600), AfterValidator(_asked_and_answered)], ...] = asked(
        "list", "Questions and answers", "One a line: the question, its question mark, then the answer.", (), max_length=12,
        example=["Can I pause it? Yes, any day until six in the evening."],
    )  # fmt: skip


def draft(inputs: Inputs, facts: Drafted) -> Site:
    made = Draft(inputs)
    outside = bool(inputs.action_address)
    # Without an address the form is a page of its own: a link within a page has no name to go to.
    button = Link(label=inputs.call_to_action, to=inputs.action_address or "page:contact")
    blocks: list[Block] = [hero(made, [button], title=inputs.headline)]
    if inputs.benefits:
        blocks.append(Cards(title=made.say("landing_benefits"), cards=tuple(map(_card, inputs.benefits))))
    blocks += [*audience(made), how_it_goes(made)]
    if inputs.questions:
        asked_ = tuple(_question(one) for one in inputs.questions)
        blocks.append(Questions(title=made.say("landing_questions"), questions=asked_))
    blocks.append(Call(title=inputs.headline, text=inputs.site_description, action=button))
    if outside:
        blocks.append(Facts(facts=((made.say("contact_email"), inputs.contact_email),)))
    made.add(
        Page(
            key="home", path="", name=made.say("home"), title=inputs.headline,
            description=inputs.site_description[:300], blocks=tuple(blocks),
        )
    )  # fmt: skip
    key, path = made.place("contact")
    form = ContactForm(title=made.say("form_title"), text=made.say("form_text"))
    made.add(
        Page(
            key=key, path=path, name=made.say("contact"), title=made.say("contact_title"),
            description=made.say("contact_description")[:300], blocks=(form,),
        )
    )  # fmt: skip
    return made.site()


def _card(line: str) -> Card:
    title, _, text = line.partition(":")
    text = text.strip()
    # What stands after a colon begins small; below a heading of its own it is a sentence.
    return Card(title=title.strip() or line, text=text[:1].upper() + text[1:])


def _question(line: str) -> Question:
    question, _, answer = line.partition("?")
    return Question(question=f"{question.strip()}?"[:200], answer=escaped(answer.strip()))


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=draft, body=site_flow)
