"""Who people, agents and tokens are: accounts, sessions, profiles, tiers."""
