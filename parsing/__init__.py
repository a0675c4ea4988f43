"""Pure readers: text in, models out. No network, no Redis, no clock. No page makes them raise."""
