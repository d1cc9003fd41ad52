"""Decisions people make on a subject with a digest: policy, ballots, tally, authorisation."""
