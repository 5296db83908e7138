"""The key figures (rule 100) for people: what each means, and a report in the terminal, a page, a sheet, a picture."""
