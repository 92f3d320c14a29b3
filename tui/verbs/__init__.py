"""What the screens can ask for: a verb takes the desk, works in a thread, and answers with a message.

Never: a worker, a widget.
"""
