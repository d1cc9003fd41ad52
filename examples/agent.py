"""An AI agent in its smallest form: it proposes to start a workflow, waits until people decide, and reads the receipt.

    COUNTERSIGN_URL=http://127.0.0.1:8501 COUNTERSIGN_TOKEN=cs_… python agent.py resume_generator "Ravi asked for it."
    … python agent.py market_offer "The café wants an offer." customer="Café Lindgren"

The second is asked back which inputs are missing, each by its name.

Python alone, nothing to install. Exit status: 0 done, 1 people decided otherwise or it failed, 2 refused.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

URL = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8501").rstrip("/")
WAITS = {"pending": "waits for people", "approved": "was approved", "executing": "is being executed"}


def call(method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
    """One request; a refusal is raised with the sentence that the API answers."""
    headers = {"Authorization": f"Bearer {os.environ['COUNTERSIGN_TOKEN']}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key  # sent again after a broken line, it makes nothing twice
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(URL + path, content, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{refused.code}: {json.load(refused)['detail']}") from None


def propose(workflow: str, message: str, inputs: dict[str, str]) -> str:
    """The id of the card that people decide on."""
    context = {"workflow_type_id": workflow, "inputs": inputs}
    answer = call("POST", "/api/chat", {"message": message, "context": context}, key=str(uuid.uuid4()))
    print(answer["reply"])
    if answer["status"] == "question":
        for one in answer["missing"]:
            print(f"  {one['name']}=…  {one['title']}: {one['description']}")
        raise SystemExit(2)
    return str(answer["action_id"])


def follow(action_id: str, every: float = 2.0) -> dict[str, Any]:
    """The action as it ended. People may take hours: a real agent does other work meanwhile, or listens to events."""
    told = None
    while True:
        action = call("GET", f"/api/actions/{action_id}")
        if action["status"] not in WAITS:
            return action
        if action["status"] != told:
            told = action["status"]
            print(f"It {WAITS[told]}: {URL}/inbox?card={action_id}", flush=True)
        time.sleep(every)


def main(workflow: str, message: str, *pairs: str) -> int:
    inputs = dict(pair.split("=", 1) for pair in pairs)
    ended = follow(propose(workflow, message, inputs))
    if ended["status"] != "executed":
        print(f"{ended['status']}: {ended['decision_reason'] or ended['error'] or 'nothing was done'}")
        return 1
    receipt = ended["attempt_history"][-1]
    print(f"Approved by {ended['decided_by']}. {receipt['message']} Reference: {receipt['reference']}")
    run = call("GET", f"/api/workflows/{receipt['receipt']['details']['run']}")
    print(f"The run is {run['status']}.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or "COUNTERSIGN_TOKEN" not in os.environ:
        raise SystemExit(str(__doc__))
    sys.exit(main(*sys.argv[1:]))
