"""A browser's side of Streamlit's protocol without a browser: opens a session and asks for reruns."""

from __future__ import annotations

import time
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol


class StreamlitSession:
    """One tab on `page` of the dashboard at `url`, signed in by `cookie`."""

    def __init__(self, url: str, page: str = "", cookie: str | None = None) -> None:
        headers = {"Cookie": cookie} if cookie else {}
        address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket: ClientConnection = connect(
            address, subprotocols=[Subprotocol("streamlit")], additional_headers=headers, max_size=None, origin=Origin(url)
        )  # fmt: skip
        self._page = page
        self.rerun()

    def rerun(self) -> float:
        """Asks for one whole rerun and waits for its end; milliseconds."""
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.query_string = ""
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._socket.recv(timeout=60))
            if answer.WhichOneof("type") == "script_finished":
                return (time.perf_counter() - started) * 1000

    def __enter__(self) -> StreamlitSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
