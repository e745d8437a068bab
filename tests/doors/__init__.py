"""Files and habits of people, each with the right numbers from somebody else's program."""
