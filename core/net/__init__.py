"""The world: sockets, serial ports, name servers, link programs. Turns their exceptions into ours.

Never: a mailbox, the queue, or who gets a letter.
"""
