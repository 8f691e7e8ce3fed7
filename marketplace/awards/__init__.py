"""Who is chosen and why: selection methods, awards, standstill, objections."""
