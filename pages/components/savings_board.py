"""What the views of the Savings page share: who looks, which workflow, the hues, and the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

import streamlit as st

from core.analytics.filters import Filters
from core.catalog.queries import Definition
from core.savings.queries import SavingsQueries
from core.savings.rules import EDITORS
from pages.components.hues import DARK, LIGHT, Hues
from pages.components.page import Screen

PERIODS = {"4 weeks": 28, "13 weeks": 91, "26 weeks": 182, "52 weeks": 364, "All time": None}
_TYPE = "savings-type"


@dataclass(frozen=True)
class SavingsBoard:
    screen: Screen
    definitions: Mapping[str, Definition]
    """What can be started now, by id; never empty."""

    @property
    def queries(self) -> SavingsQueries:
        return self.screen.app.savings_queries

    @property
    def may_change(self) -> bool:
        return self.screen.actor.has(*EDITORS)

    @property
    def hues(self) -> Hues:
        return DARK if st.context.theme.type == "dark" else LIGHT

    @property
    def today(self) -> date:
        """In UTC: the day by which cards and rates are chosen."""
        return self.screen.app.clock.now().date()

    def workflow_field(self) -> Definition:
        """Draws the choice of a workflow; it stays in the address as `type`, from view to view."""
        wanted = st.query_params.get("type", "")
        st.session_state[_TYPE] = wanted if wanted in self.definitions else next(iter(self.definitions))
        chosen = st.selectbox(
            "Workflow", list(self.definitions), format_func=lambda key: self.definitions[key].title, key=_TYPE,
            on_change=_note_type, label_visibility="collapsed", width=420,
        )  # fmt: skip
        return self.definitions[chosen]

    def filters(self, workflow_id: str | None, period: str | None) -> Filters:
        """The runs of the dataset that is shown, of whole UTC days up to today."""
        dataset = self.screen.app.analytics_queries.chosen_dataset()
        days = PERIODS.get(period or "")
        end = datetime.combine(self.today + timedelta(days=1), time.min, UTC)
        since = end - timedelta(days=days) if days else None
        return Filters(dataset, since=since, until=end if days else None, workflow_id=workflow_id)


def evidence_link(figure: str, metric: str, unit: str, **more: str) -> str:
    """The address of what stands behind a figure; `more` are the run filters as the address has them."""
    return f"/savings?{urlencode({'figure': figure, 'metric': metric, 'unit': unit} | more)}"


def _note_type() -> None:
    st.query_params["type"] = st.session_state[_TYPE]
    st.query_params.pop("scenario", None)
