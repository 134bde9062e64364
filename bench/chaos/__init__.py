"""The fault suite: robots over the public API, processes that are killed under them, and a checker of what is left."""
