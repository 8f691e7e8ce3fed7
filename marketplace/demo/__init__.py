"""The demo world: seeds and robots that call the same actions as people do."""
