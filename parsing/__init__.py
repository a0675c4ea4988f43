"""Pure readers: text in, models out. No network, no Redis, no clock; a page can never make them raise."""
