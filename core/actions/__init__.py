"""Proposed actions: plan, guardrails, life cycle, attempts and receipts."""
