"""Floor 2: the courier. Delivers facts to customers' servers at least once, in order per conference.

It must never decide what is owed, or to whom; it spells nothing (a dialect does) and stores nothing (the store does).
"""
