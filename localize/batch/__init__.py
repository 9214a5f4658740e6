"""A folder of films: one after another or on several workers, with a report that is true at any moment."""
