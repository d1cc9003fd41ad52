"""The jobs this installation has: every module of `jobs/` that holds a `JOB`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

import jobs
from jobs.job import Job


@cache
def all_jobs() -> Mapping[str, Job]:
    """By name, which is the name of the file."""
    found: dict[str, Job] = {}
    for module in pkgutil.iter_modules(jobs.__path__):
        if module.name.startswith("_"):
            continue
        job = getattr(import_module(f"jobs.{module.name}"), "JOB", None)
        if isinstance(job, Job):
            if job.name != module.name:
                raise RuntimeError(f"jobs/{module.name}.py holds a job named {job.name}")
            found[job.name] = job
    return MappingProxyType(found)
