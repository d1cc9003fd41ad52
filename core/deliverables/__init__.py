"""What leaves the house: reports made once of what is known, rendered in several formats, packed so that a change shows."""
