"""One router a resource; each module holds `router`."""
