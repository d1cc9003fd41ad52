"""Telling people and programs what waits for them: digests by e-mail, signed calls to webhooks."""
