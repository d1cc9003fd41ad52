"""Language models: what they are asked, what they answered, and the prompts and question sets between."""
