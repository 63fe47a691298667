"""The budgets, measured: `make bench`, or `make bench ONLY=sync` for one of them."""
