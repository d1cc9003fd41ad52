"""The Countersign API in Python: every operation as a typed method.

from countersign_client import Countersign

with Countersign("https://desk.example.com", "cs_…") as countersign:
    action = countersign.propose_action({"operation": "email_send", "title": "Remind Acme", "params": {…}})
    decided = countersign.wait_for_action(action["id"], seconds=600)
"""

from countersign_client.client import Countersign
from countersign_client.transport import Event, NotReached, Refused, etag_of, status_of

__all__ = ["Countersign", "Event", "NotReached", "Refused", "etag_of", "status_of"]
