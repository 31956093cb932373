"""Router: validates, classifies and dispatches every input record."""
