"""Where a page leads that has something to hand over."""

from __future__ import annotations

from pages.components.run_filters import RunView


def package_of(view: RunView) -> dict[str, str]:
    """The address of a new package of the period and the runs that a page shows."""
    filters = {name: values[0] for name, values in view.query().items()}
    return {"new": "1", "source": "period", **filters}
