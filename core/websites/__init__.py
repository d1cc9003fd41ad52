"""Websites: from what somebody said of a business to files, a published address, and measurements of both."""
