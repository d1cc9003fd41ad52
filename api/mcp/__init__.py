"""The door for AI agents: the Model Context Protocol at `/mcp`, over the same services and rules as the REST API."""
