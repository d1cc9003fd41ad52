"""The operator brain: rules that watch connected systems and our own data, and propose actions."""
