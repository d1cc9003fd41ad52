"""How charts are drawn, without a library and without a screen."""
