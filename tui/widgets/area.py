"""The text of a letter being written.

Never: sending it.
"""

from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.widgets import TextArea


class _Wrapped(WrappedDocument):
    """Textual counts all lines anew for each line that it draws; here their number is known."""

    @property
    def height(self) -> int:
        """How many lines there are when all are wrapped."""
        return len(self._offset_to_line_info)


class Area(TextArea):
    """Textual's text area; undoing a long paste in it does not end the program (textual issue 6686)."""

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(text, id=id, soft_wrap=True, compact=True, highlight_cursor_line=False)

    def _set_document(self, text: str, language: str | None) -> None:
        """Another text: lines that know their number."""
        super()._set_document(text, language)
        self.wrapped_document = _Wrapped(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._rewrap_and_refresh_virtual_size()

    def _recompute_cursor_offset(self) -> None:
        """Wrap the cursor's place anew when the text became shorter than where the cursor stood."""
        row, column = self.selection.end
        last = self.document.line_count - 1
        if row > last or column > len(self.document.get_line(min(row, last))):
            place = self.clamp_visitable(self.selection.end)
            self._cursor_offset = self.wrapped_document.location_to_offset(place)
            return
        super()._recompute_cursor_offset()  # type: ignore[no-untyped-call] # private to Textual
