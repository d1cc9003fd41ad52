"""The client of the API for Python programs, and how it is made from the OpenAPI document."""
