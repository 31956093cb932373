"""The `hutong` command. Modules register commands; heavy imports wait until one is called."""
