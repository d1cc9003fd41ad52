"""Operations on real systems, one file a system: plan, execute, verify, undo."""
