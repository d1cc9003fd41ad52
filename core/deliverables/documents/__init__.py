"""Documents of runs, Markdown and JSON, as blocks of content."""
