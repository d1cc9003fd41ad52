"""Files that people hand in or the product makes: kept by their SHA-256, in a folder or a bucket."""
