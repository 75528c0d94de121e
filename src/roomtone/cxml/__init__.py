"""Floor 1: customers' voice documents. Turns a document into the next thing to do; never fetches, plays or waits."""
