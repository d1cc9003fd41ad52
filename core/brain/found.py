"""The rules of this installation: every module of `core/brain/watchers` that holds a `RULE`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from core.brain import watchers
from core.brain.rule import Rule


@cache
def all_rules() -> Mapping[str, Rule]:
    """By name, which is the name of the file, in the order of their titles."""
    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(watchers.__path__):
        rule = getattr(import_module(f"{watchers.__name__}.{module.name}"), "RULE", None)
        if isinstance(rule, Rule):
            if rule.name != module.name:
                raise RuntimeError(f"core/brain/watchers/{module.name}.py holds a rule named {rule.name}")
            found[rule.name] = rule
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: one[1].title)))
