"""Invented populations whose truth is known, and the ways of recommending that are let loose on them."""
