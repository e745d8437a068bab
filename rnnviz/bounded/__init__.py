"""A bounded process: work on what comes from outside, with limits on time and memory."""
