"""Sites whose forms are looked for, and the pages with forms that were found on them."""
