"""mailrun's core: everybody's letters out, everybody's letters home, on one short call.

    compose -> submit -> [spool] -> line up -> flush -> smart host
    maildrop -> fetch -> split -> deliver -> [mbox] -> read

The arrows are the modules beside this file. The folders are nouns, sorted by what they may touch:
``mail`` and ``legacy`` (files of old set-ups) are pure, ``wire`` is sans-I/O, ``store`` is the disk, ``net`` is the
world.

Never: imports anything.
"""
