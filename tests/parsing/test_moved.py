"""Where a page without a text of its own sends its reader."""

import pytest

from parsing import moved

URL, TO = "https://example.com/a", "https://example.com/b"
LONG = "<p>" + "Words of a page that somebody wrote. " * 20


@pytest.mark.parametrize(
    "html",
    [
        "<META HTTP-EQUIV=REFRESH CONTENT=\"1; URL='/b'\">",
        "<meta http-equiv=refresh content='0;url=b'><p>If nothing happens, click <a href=b>here</a>.",
        "<script>window.location.replace('/b');</script>",
        '<script>location="/b"</script>',
        "<script>top.location.href = '/b'</script><noscript><meta http-equiv=refresh content='0;url=/c'></noscript>",
        "<body onload=\"location.href='/b'\"></body>",
    ],
)
def test_a_page_that_only_sends_on_leads_there(html: str) -> None:
    assert moved.target(html, URL, {}) == TO


def test_the_header_counts_too() -> None:
    assert moved.target("", URL, {"refresh": "0; url=/b"}) == TO


@pytest.mark.parametrize(
    "html",
    [
        "<meta http-equiv=refresh content='5;url=/b'>" + LONG,
        "<meta http-equiv=refresh content='300;url=/b'>",
        "<meta http-equiv=refresh content='0;url=/a#x'>",
        "<meta http-equiv=refresh content=30>",
        "<script>if (mobile) location = '/m'; else location = '/b'</script>",
        "<script>location.hash = '/b'</script>",
        "<script>if (location == '/b') go()</script>",
        "<script>location.href = next</script>",
        "<script>location.href = 'javascript:x()'</script>",
        "<script>location = '/b'</script><script>" + "f();" * 1000 + "</script>",
        "<p>The location of our office",
        "",
    ],
)
def test_a_page_of_its_own_leads_nowhere(html: str) -> None:
    assert moved.target(html, URL, {}) is None
