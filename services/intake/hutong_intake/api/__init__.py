"""HTTP: what comes in, what goes out. No rule of reports lives here."""
