"""Small changes of the program, one at a time: each must fail a test, or is listed with the reason why none can."""
