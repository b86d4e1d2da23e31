"""The way in for customers, contacts, items, payments and allocations (F40).

`mapping` says how a foreign file is to be read, `parsing` turns it into records, `importing`
brings the records into the database; the first two know nothing of the third.
"""
