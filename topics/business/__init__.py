"""Sites of businesses: their telling pages scraped, what these say of them, and questions answered from them."""
