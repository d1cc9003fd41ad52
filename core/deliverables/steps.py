"""A step that packs the run it belongs to: documents, approvals and outcomes as files that can be handed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor
from core.catalog.automated import AutomatedWorkflow, KindStep, Names
from core.catalog.problems import Problem, child
from core.deliverables.attaching import attached_name
from core.deliverables.format import find_formats
from core.deliverables.making import PackageMaking
from core.deliverables.requesting import Order, checked_order, put_back, put_on_record
from core.deliverables.rules import FormatState, PackageState
from core.deliverables.tables import Package, PackageFile
from core.deliverables.themes.looks import look_of
from core.deliverables.themes.tables import Theme
from core.deliverables.words import UnknownLanguage, UnknownZone, Words
from core.errors import CountersignError
from core.executions.automated.templates import filled_text, template_problems
from core.executions.automated.work import ClosedGate, Done, Fail, Outcome, RunKind, Tools, Work
from core.identity.service import actor_of
from core.identity.tables import User


class NoSuchTheme(CountersignError):
    """There is no theme called “{title}” now. Add it on the page Deliverables, or take it out of the definition."""


class PackageFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    formats: Names = ()
    """All there are, if none is named."""
    language: Annotated[str, Field(min_length=2, max_length=40)] = "en"
    """A tag such as de-AT; templates allowed."""
    time_zone: Annotated[str, Field(min_length=1, max_length=60)] = "UTC"
    theme: Annotated[str, Field(max_length=80)] = ""
    """The title of a theme; the default one without it."""


class PackageKind(RunKind[PackageFields]):
    name = "package"
    title = "Package"
    fields = PackageFields

    def problems(
        self, step: KindStep, fields: PackageFields, path: str, workflow: AutomatedWorkflow
    ) -> Iterator[Problem]:
        known = find_formats()
        for number, name in enumerate(fields.formats):
            if name not in known:
                place = child(child(path, "formats"), number)
                yield Problem("BAD_VALUE", place, "is no format", f"Use any of {', '.join(known)}.")
        yield from template_problems(fields.language, step, child(path, "language"), workflow)
        if "{{" not in fields.language:
            try:
                Words(fields.language, fields.time_zone)
            except UnknownZone:
                yield Problem("BAD_VALUE", child(path, "time_zone"), "is no time zone", "Use a name such as UTC.")
            except UnknownLanguage:
                yield Problem("BAD_VALUE", child(path, "language"), "is no language", "Use a tag such as en or de-AT.")

    def begin(self, work: Work, fields: PackageFields, tools: Tools) -> Outcome:
        package_id = uuid5(work.run.id, f"{work.path}:{work.generation}")
        making = PackageMaking(tools.database, tools.files, tools.settings)
        try:
            order = checked_order(
                "execution", {"execution_id": str(work.run.id)}, formats=fields.formats,
                language=filled_text(fields.language, work), zone=fields.time_zone, draft=False,
            )  # fmt: skip
            self._on_record(work, fields, order, package_id, tools)
            state = making.make(package_id)
        except CountersignError as problem:
            return Fail(str(problem))
        with tools.database.reading() as session:
            package = session.get_one(Package, package_id)
            found = {
                file.format: file
                for file in session.scalars(select(PackageFile).where(PackageFile.package_id == package_id))
            }
            files = [found[name] for name in order.formats]
        if state is not PackageState.DONE:
            return Fail(package.error or "No file could be made.")
        failed = [file.format for file in files if file.state is FormatState.FAILED]
        note = f"Without {', '.join(failed)}, which could not be made." if failed else ""
        return Done(content=_content(package, files), note=note)

    def go_on(self, work: Work, fields: PackageFields, gate: ClosedGate, tools: Tools) -> Outcome:
        return self.begin(work, fields, tools)

    def _on_record(self, work: Work, fields: PackageFields, order: Order, package_id: UUID, tools: Tools) -> None:
        """Written once for this step and generation; one that came to nothing is begun anew."""
        with tools.database.begin() as uow:
            there = uow.session.get(Package, package_id, with_for_update=True)
            if there is not None:
                if there.state is PackageState.FAILED:
                    put_back(uow, there)
                return
            theme = _theme(uow.session, fields.theme)
            put_on_record(
                uow, _owner(uow.session, work), order, label=work.run.title, look=look_of(uow.session, theme),
                package_id=package_id, execution_id=work.run.id,
            )  # fmt: skip


def _owner(session: Session, work: Work) -> Actor:
    """Whose run it is; of a run that nobody owns, the installation."""
    user = session.get(User, work.run.user_id) if work.run.user_id else None
    return actor_of(user) if user is not None else SYSTEM


def _theme(session: Session, title: str) -> UUID | None:
    if not title:
        return None
    found = session.scalar(select(Theme.id).where(func.lower(Theme.title) == title.strip().lower()))
    if found is None:
        raise NoSuchTheme(title=title)
    return found


def _content(package: Package, files: Sequence[PackageFile]) -> dict[str, Any]:
    """What later steps see of it; `attachments` is what the parameter of that name of an e-mail takes."""
    done = [file for file in files if file.state is FormatState.DONE]
    return {
        "package_id": str(package.id), "number": package.number, "title": package.label,
        "address": f"/deliverables?package={package.id}", "manifest_sha256": package.manifest_sha256,
        "files": [
            {"format": file.format, "name": file.name, "sha256": file.sha256, "size": file.size}
            for file in done
        ],
        "attachments": [
            {"sha256": file.sha256, "name": attached_name(package.label, package.number, file.name)} for file in done
        ],
    }  # fmt: skip


KIND = PackageKind()
