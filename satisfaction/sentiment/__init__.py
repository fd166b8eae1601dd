"""Reading a mood from a note: text is cut into sentences, an encoder turns them into vectors, a head into classes.

Nothing here is loaded by importing it: models load in the process that reads, on first use, never before a fork.
"""
