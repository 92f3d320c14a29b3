"""One file a screen: it composes widgets, asks the bridge, and shows the answers."""
