"""What every chapter stands on: events, state tables, refusals, money, time, the worker."""
