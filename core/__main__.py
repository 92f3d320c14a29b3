"""``python -m core``: the command line without the screens.

Never: anything else.
"""

from core.cli import main

main()
