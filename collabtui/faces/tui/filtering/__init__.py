"""Which rows one wants to see: what is typed into the filter, and what it means."""
