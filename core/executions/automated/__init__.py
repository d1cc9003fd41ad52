"""Runs that go on by themselves: the tree, its nodes, documents, gates, and the segments between two gates."""
