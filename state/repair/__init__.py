"""What came apart in Redis, seen and mended. Only the doctor calls it."""
