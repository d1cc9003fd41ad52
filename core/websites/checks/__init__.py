"""One file a criterion, found by its place: each measures one thing of a site and says what it rests on."""
