"""Asking the language model that is connected: one `ask` is one HTTP call, never repeated here."""

from __future__ import annotations

from core.connections.rules import ConnectionDisabled
from core.connectors.plan import Receipt, confirmed, deferred, rejected
from core.connectors.protocol import Account, Accounts
from core.connectors.registry import find_systems
from core.connectors.transports.model_systems import FAMILY, AnyModelAccount
from core.errors import CountersignError
from core.language_models.model import Answer, Message, ModelRefused, ModelUnavailable, Question
from core.settings import Settings

__all__ = ["Answer", "LanguageModels", "Message", "ModelRefused", "ModelUnavailable", "Question"]

_UNREADABLE = "a language model whose connection cannot be read"


class LanguageModels:
    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self._accounts = accounts
        self._systems = find_systems()

    def configured(self) -> str | None:
        """The model's name for people (`gpt-5 at api.openai.com`); None: there is none, or it is switched off.

        One whose connection cannot be read is still one: asking it fails in words, instead of passing its work to people
        without anybody noticing.
        """
        try:
            account = self._accounts.find(FAMILY, None)
        except ConnectionDisabled:
            return None
        except CountersignError:
            return _UNREADABLE
        return None if account is None else self._name(account)

    def outside(self) -> str | None:
        """The model's own name where asking it leaves this machine; None where nothing does."""
        name, _, place = (self.configured() or "").rpartition(" at ")
        here = place.startswith(("127.", "localhost", "[::1]"))
        return name if name and not here else None

    def prepare(self) -> None:
        """Loads the library, which takes two seconds, so that the first step of a run does not wait for it."""
        if self.configured() is not None:
            import core.language_models.calling  # noqa: F401

    def ask(self, question: Question) -> Answer:
        """Asks once. Raises ModelUnavailable (worth another try) or ModelRefused (its words say what to do)."""
        from core.language_models.calling import call  # here: loading the library takes two seconds

        account = self._account()
        name = self._name(account)
        try:
            answer = call(account.values, question, name=name)
        except (ModelUnavailable, ModelRefused) as problem:
            self._accounts.used(account.name, _receipt_of(problem))
            raise
        self._accounts.used(account.name, confirmed(f"{name} answered.", reference=answer.model))
        return answer

    def close(self) -> None:
        """Nothing is kept between calls."""

    def _account(self) -> Account[AnyModelAccount]:
        try:
            account = self._accounts.find(FAMILY, None)
        except CountersignError as problem:
            remedy = "Look under Connections, then try again."
            raise ModelRefused(model="The language model", problem=str(problem), remedy=remedy) from None
        if account is None:
            remedy = "Add one under Connections, or write the document yourself."
            raise ModelRefused(model="The language model", problem="none is connected.", remedy=remedy)
        return account

    def _name(self, account: Account[AnyModelAccount]) -> str:
        return self._systems[account.system].identity(account.values)


def _receipt_of(problem: ModelUnavailable | ModelRefused) -> Receipt:
    return deferred(str(problem)) if isinstance(problem, ModelUnavailable) else rejected(str(problem))
