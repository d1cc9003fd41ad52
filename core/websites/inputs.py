"""What a type of website asks for: one typed model that makes the form, the API's schema, and the check of what is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from core.catalog.inputs import InputType, RunInput, misfit
from core.errors import CountersignError
from core.text import can_be_seen, has_controls, turns

MOST_NAME, MOST_DESCRIPTION, MOST_PAGES = 80, 400, 12
TONES = ("professional", "friendly", "bold")
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"


class InputsUnfit(CountersignError):
    """The inputs do not fit: {problems}"""

    http_status = 422


def _line(text: str) -> str:
    said = " ".join(text.split())
    if has_controls(said) or turns(said):
        raise ValueError("leave out control characters and those that turn the direction of text")
    if said and not can_be_seen(said):
        raise ValueError("write something that can be seen")
    return said


def _email(text: str) -> str:
    wrong = misfit(RunInput(type=InputType.EMAIL), text.strip())
    if wrong:
        raise ValueError(wrong)
    return text.strip()


def _colors(given: Any) -> Any:
    """An object, or a list of the same in their order."""
    if isinstance(given, (list, tuple)):
        if len(given) > len(Colors.model_fields):
            raise ValueError("give at most three: primary, secondary, accent")
        given = dict(zip(Colors.model_fields, given, strict=False))
    if isinstance(given, Mapping):
        return {name: one for name, one in given.items() if one not in (None, "")}
    return given


Line = Annotated[str, AfterValidator(_line)]
Email = Annotated[str, AfterValidator(_email)]
Hue = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


class Colors(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    primary: Hue = "#2B47B8"
    secondary: Hue = "#14171F"
    accent: Hue = "#B45309"


class Typography(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    heading: Annotated[Line, Field(max_length=80)] = ""
    body: Annotated[Line, Field(max_length=80)] = ""


_FORM = ("options", "fields", "or_list", "offers")


def asked(kind: str, title: str, description: str, default: Any = ..., **more: Any) -> Any:
    """A field of a model of inputs: what the form needs stands beside what the check needs.

    `options`, `example`, `max_length`, `fields`, `offers` and `or_list` are those of `RunInput`.
    """
    form: dict[str, Any] = {"type": kind} | {name: more[name] for name in _FORM if name in more}
    limits: dict[str, Any] = {"max_length": more["max_length"]} if "max_length" in more else {}
    return Field(
        default, title=title, description=description, examples=[more["example"]] if "example" in more else None,
        json_schema_extra={"form": form}, validate_default=False, **limits,
    )  # fmt: skip


class TypeInputs(BaseModel):
    """Frozen; a name that is not asked for is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BrandInputs(TypeInputs):
    """What every site is given."""

    site_name: Annotated[Line, Field(min_length=1)] = asked(
        "text", "Name", "Of the business or the project, as it stands at the top of every page.",
        max_length=MOST_NAME, example="Harbour Bakery",
    )  # fmt: skip
    site_description: Annotated[Line, Field(min_length=1)] = asked(
        "long_text", "What it is about", "In one or two sentences. Visitors read it first, and search engines show it.",
        max_length=MOST_DESCRIPTION, example="Sourdough bread and seasonal pastry, baked every morning by the harbour.",
    )  # fmt: skip
    contact_email: Email = asked(
        "email", "E-mail address", "Messages from the contact form are sent to it.", example="hello@example.com"
    )
    brand_colors: Annotated[Colors | None, BeforeValidator(_colors)] = asked(
        "object", "Colours", "They are adjusted where text could not be read on them, and the preview says so.", None,
        or_list=True, example={"primary": "#1F4B3F", "secondary": "#1B1F24", "accent": "#C2571A"},
        fields={
            name: {"type": "color", "title": name.capitalize(), "default": getattr(Colors(), name)}
            for name in Colors.model_fields
        },
    )  # fmt: skip
    typography: Typography | None = asked(
        "object", "Typefaces", "Leave them empty for those of the layout.", None,
        example={"heading": "Old style serif", "body": "Inter"},
        fields={
            "heading": {"type": "text", "title": "Headings", "max_length": 80, "offers": "typefaces"},
            "body": {"type": "text", "title": "Text", "max_length": 80, "offers": "typefaces"},
        },
    )  # fmt: skip
    tone: Annotated[str, Field(max_length=40)] = asked(
        "choice", "Tone", "Chooses the layout and the words.", "professional", options=list(TONES)
    )
    target_audience: Line = asked(
        "text", "Whom it is for", "The people it speaks to.", "", max_length=120, example="Families near the harbour"
    )
    language: Annotated[str, StringConstraints(pattern=LANGUAGE)] = asked(
        "text", "Language", "A tag such as en, de or de-AT. English and German have texts of their own.", "en",
        max_length=35, example="en", offers="languages",
    )  # fmt: skip
    publish_to: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(:[A-Za-z0-9 _.-]{1,60})?$")] = asked(
        "text", "Where it is published",
        "here: below this installation's own address; sftp or s3, with the name of a connection behind a colon.", "here",
        max_length=80, example="here", offers="places",
    )  # fmt: skip


def form_of(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The inputs of a definition, in the order of the model."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        said: Any = extra.get("form") if isinstance(extra, Mapping) else None
        form: dict[str, Any] = {**(said or {}), "title": field.title or "", "description": field.description or ""}
        longest = next((one.max_length for one in field.metadata if hasattr(one, "max_length")), None)
        if longest is not None and form.get("type") in ("text", "long_text"):
            form["max_length"] = longest
        if field.is_required():
            form["required"] = True
        elif field.default not in (None, "", ()):
            form["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
        if field.examples:
            form["example"] = field.examples[0]
        found[name] = form
    return found


M = TypeVar("M", bound=BaseModel)


def read_inputs(model: type[M], given: Mapping[str, Any]) -> M:
    """InputsUnfit names every field that does not fit, with what to do; what was left empty counts as not given."""
    try:
        return _validated(model, given)
    except ValidationError as refused:
        said = [
            f"{_title(model, name)}: {words}." if name else f"{words}." for name, words in _explained(model, refused)
        ]
        raise InputsUnfit(problems=" ".join(dict.fromkeys(said[:10]))) from None


def input_problems(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, str]:
    """What does not fit, by the name of its field; of each field the first, as a sentence."""
    try:
        _validated(model, given)
    except ValidationError as refused:
        found = dict[str, str]()
        for name, words in _explained(model, refused):
            if not name:  # of the inputs together: it names the field itself
                title, _, words = words.partition(": ")
                name = next((one for one in model.model_fields if _title(model, one) == title), "")
            found.setdefault(name, f"{words[:1].upper()}{words[1:]}.")
        return found
    return {}


def _validated(model: type[M], given: Mapping[str, Any]) -> M:
    return model.model_validate({name: one for name, one in given.items() if one not in (None, "")})


def _explained(model: type[BaseModel], refused: ValidationError) -> Iterator[tuple[str, str]]:
    """Name of the field, empty for the inputs together, and what is wrong, without its full stop."""
    for one in refused.errors(include_url=False):
        message = str(one["msg"])
        if not one["loc"]:
            yield "", message.removeprefix("Value error, ").rstrip(".")
            continue
        name = str(one["loc"][0])
        words = re.sub(r"^(Value error|Assertion failed), ", "", message).rstrip(".")
        match one["type"]:
            case "missing":
                words = "it is needed"
            case "extra_forbidden":
                words = "it was not asked for"
            case "string_pattern_mismatch":
                field = model.model_fields.get(name)
                examples = (field.examples if field else None) or [""]
                words = (
                    f"write it like this: {examples[0]}" if isinstance(examples[0], str) else "it is spelled otherwise"
                )
        yield name, f"{words[:1].lower()}{words[1:]}"


def _title(model: type[BaseModel], name: str) -> str:
    field = model.model_fields.get(name)
    return (field.title if field else None) or name.replace("_", " ").capitalize()


__all__ = ["BrandInputs", "Colors", "InputsUnfit", "TypeInputs", "Typography", "asked", "form_of", "read_inputs"]
