"""First-run set-up, sign-in, sign-out and single sign-on: plain forms, because only a response can set a cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio import to_thread
from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.bootstrap import Application
from core.errors import CountersignError
from core.identity.rules import SESSION_COOKIE, SetupAlreadyDone
from core.settings import Settings
from web.forms import Forms, is_secure, posted, safe_next


def create_sign_in(get_app: Callable[[], Application], settings: Settings, secret: str) -> Starlette:
    """The ASGI app for `/auth`."""
    views = _Views(get_app, settings, Forms(secret))
    routes = [
        Route("/set-up", views.set_up, methods=["GET", "POST"]),
        Route("/sign-in", views.sign_in, methods=["GET", "POST"]),
        Route("/sign-out", views.sign_out, methods=["GET", "POST"]),
        Route("/oidc", views.oidc_start, methods=["GET"]),
        Route("/oidc/callback", views.oidc_finish, methods=["GET"]),
    ]
    oidc_state = Middleware(
        SessionMiddleware, secret_key=secret, session_cookie="countersign_oidc",
        max_age=600, same_site="lax", path="/auth",
    )  # fmt: skip
    return Starlette(routes=routes, middleware=[oidc_state])


class _Views:
    def __init__(self, get_app: Callable[[], Application], settings: Settings, forms: Forms) -> None:
        self._get_app, self._settings, self._forms = get_app, settings, forms
        self._oauth = OAuth()
        if settings.oidc_issuer and settings.oidc_client_id:
            client_secret = settings.oidc_client_secret
            self._oauth.register(
                "oidc",
                client_id=settings.oidc_client_id,
                client_secret=client_secret.get_secret_value() if client_secret else None,
                server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
            )

    async def set_up(self, request: Request) -> Response:
        app = self._get_app()
        if await to_thread.run_sync(app.identity_queries.is_set_up):
            return RedirectResponse("/auth/sign-in", status_code=303)
        if request.method == "GET":
            return self._forms.page(request, "set_up.html", {"email": "", "name": "", "sample": True})
        form = await posted(request)
        email, name, sample = str(form.get("email", "")), str(form.get("name", "")), "sample" in form

        def act() -> str:
            admin = app.identity.set_up(email=email, name=name, password=str(form.get("password", "")))
            if sample:
                app.schedule.request("load_sample_data", app.clock.now(), requested_by=admin.name)
            return app.identity.open_session(admin)

        try:
            self._forms.check(request, form)
            cookie = await to_thread.run_sync(act)
        except SetupAlreadyDone:
            return RedirectResponse("/auth/sign-in", status_code=303)
        except CountersignError as refusal:
            values = {"email": email, "name": name, "sample": sample, "error": str(refusal)}
            return self._forms.page(request, "set_up.html", values, status=refusal.http_status)
        return self._enter(request, cookie, "/")

    async def sign_in(self, request: Request) -> Response:
        app = self._get_app()
        if not await to_thread.run_sync(app.identity_queries.is_set_up):
            return RedirectResponse("/auth/set-up", status_code=303)
        wanted = safe_next(request.query_params.get("next", "/"))
        values: dict[str, Any] = {"email": "", "next": wanted, "oidc": self._oidc_name}
        if request.method == "GET":
            return self._forms.page(request, "sign_in.html", values)
        form = await posted(request)
        wanted, email = safe_next(str(form.get("next", "/"))), str(form.get("email", ""))
        address = request.client.host if request.client else "unknown"

        def act() -> str:
            return app.identity.sign_in(email=email, password=str(form.get("password", "")), address=address)

        try:
            self._forms.check(request, form)
            cookie = await to_thread.run_sync(act)
        except CountersignError as refusal:
            values |= {"email": email, "next": wanted, "error": str(refusal)}
            return self._forms.page(request, "sign_in.html", values, status=refusal.http_status)
        return self._enter(request, cookie, wanted)

    async def sign_out(self, request: Request) -> Response:
        """GET asks, POST does: a link on another site can sign nobody out."""
        if request.method == "GET":
            return self._forms.page(request, "sign_out.html", {})
        try:
            self._forms.check(request, await posted(request))
        except CountersignError as refusal:
            return self._forms.page(request, "sign_out.html", {"error": str(refusal)}, status=refusal.http_status)
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie:
            await to_thread.run_sync(self._get_app().identity.sign_out, cookie)
        answer = RedirectResponse("/auth/sign-in", status_code=303)
        answer.delete_cookie(SESSION_COOKIE, path="/")
        return answer

    async def oidc_start(self, request: Request) -> Response:
        if self._oidc_name is None:
            return RedirectResponse("/auth/sign-in", status_code=303)
        request.session["next"] = safe_next(request.query_params.get("next", "/"))
        answer = await self._oauth.oidc.authorize_redirect(request, f"{self._settings.base_url}/auth/oidc/callback")
        assert isinstance(answer, Response)
        return answer

    async def oidc_finish(self, request: Request) -> Response:
        values = {"email": "", "next": "/", "oidc": self._oidc_name}
        if self._oidc_name is None:
            return RedirectResponse("/auth/sign-in", status_code=303)
        try:
            token = await self._oauth.oidc.authorize_access_token(request)
        except OAuthError as problem:
            words = f"{self._oidc_name} did not confirm who you are ({problem.error}). Try again, or use a password."
            return self._forms.page(request, "sign_in.html", values | {"error": words}, status=401)
        claims = token.get("userinfo") or {}
        if not claims.get("email") or claims.get("email_verified") is not True:
            words = f"{self._oidc_name} gave no verified e-mail address. Ask whoever runs it; nobody was signed in."
            return self._forms.page(request, "sign_in.html", values | {"error": words}, status=401)
        subject = f"{claims['iss']}#{claims['sub']}"
        email, name = str(claims["email"]), str(claims.get("name") or claims["email"])
        service = self._get_app().identity
        try:
            cookie = await to_thread.run_sync(
                lambda: service.sign_in_with_provider(subject=subject, email=email, name=name)
            )
        except CountersignError as refusal:
            return self._forms.page(
                request, "sign_in.html", values | {"error": str(refusal)}, status=refusal.http_status
            )
        return self._enter(request, cookie, safe_next(request.session.pop("next", "/")))

    @property
    def _oidc_name(self) -> str | None:
        return self._settings.oidc_name if self._settings.oidc_issuer and self._settings.oidc_client_id else None

    def _enter(self, request: Request, cookie: str, wanted: str) -> Response:
        answer = RedirectResponse(wanted, status_code=303)
        answer.set_cookie(
            SESSION_COOKIE, cookie, max_age=self._settings.session_hours * 3600,
            httponly=True, samesite="lax", secure=is_secure(request), path="/",
        )  # fmt: skip
        return answer
