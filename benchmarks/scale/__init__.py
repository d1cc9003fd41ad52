"""A million runs to measure with: how they are made, and what is measured on them."""
