"""Reports as the template of pages wants them: plain values, every text in pieces that fit on a page."""
