"""What a simulation is told in: a ledger, figures, a summary for the terminal, a page for the browser."""
