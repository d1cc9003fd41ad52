"""`python -m jobs worker` with the stand-in where the language model would be; nothing else differs."""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks.workers.stand_in import StandIn
from core import bootstrap
from core.executions.automated.segment import RunExecution
from core.settings import Settings
from jobs.__main__ import main

if __name__ == "__main__":
    built = bootstrap.build(Settings())
    tools = replace(built.run_execution.tools, models=StandIn())
    bootstrap.use(replace(built, run_execution=RunExecution(tools)))
    sys.exit(main(["worker"]))
