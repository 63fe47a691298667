"""collabtui: a data team's runs, tickets and commits in one terminal, with what comes next."""
