"""What may be done on the pages: who acts, with which forms, through intake."""
