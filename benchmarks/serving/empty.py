"""A FastAPI application with one route that does nothing: what the framework and the server cost by themselves."""

from __future__ import annotations

from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None)


@app.get("/empty")
def empty() -> dict[str, str]:
    return {"status": "ok"}
