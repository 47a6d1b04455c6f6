"""HTML from parts: text is escaped, elements are not, and that holds however they nest."""

from __future__ import annotations

from tinygrad_edu.viz.markup import Markup, element, joined


def test_text_is_escaped_and_elements_are_not() -> None:
    assert element("p", "a < b", css="note") == '<p class="note">a &lt; b</p>'
    inner = element("b", "&")
    assert element("p", [inner, " or ", [inner]]) == "<p><b>&amp;</b> or <b>&amp;</b></p>"
    assert joined("<", Markup("<br>"), (word for word in ">")) == "&lt;<br>&gt;"


def test_attributes_are_escaped_and_empty_ones_left_out() -> None:
    assert element("img", alt='"><script>', id="") == '<img alt="&quot;&gt;&lt;script&gt;">'
    assert element("td", css=None) == "<td></td>"


def test_what_was_put_together_by_hand_is_escaped_again() -> None:
    """Adding strings forgets what was escaped, which shows and does no harm."""
    assert type(element("b") + "x") is str
    assert joined(element("b") + "<x>") == "&lt;b&gt;&lt;/b&gt;&lt;x&gt;"
