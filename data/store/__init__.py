"""Where is it kept? SQLite or PostgreSQL, one set of tables, one history of migrations.

`opening.open_store` opens a store, `imports` fills it, `people` hands pseudonyms and places to the
engine. Identity lives in `identities` alone; everything else knows a person by a random pseudonym.
"""
