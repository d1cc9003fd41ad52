"""Odoo: the account, the two APIs it is reached by, and one module an operation."""
