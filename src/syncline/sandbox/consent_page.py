"""The frame of the pages a user meets on the way to a consent: plain HTML that loads nothing."""

from __future__ import annotations

REMEDY = "Go back to the application and start there again."

_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}}
label,select{{display:block}}select,button{{font:inherit;margin:.5rem .5rem 1rem 0;padding:.3rem .8rem}}</style>
</head>
<body{attributes}>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def framed(title: str, content: str, *, attributes: str = "") -> str:
    """A whole page around some content; all three are HTML."""
    return _FRAME.format(title=title, content=content, attributes=attributes)


def headers(*sources: str) -> dict[str, str]:
    """What a page is sent with; `sources` are what its policy allows besides its own style."""
    # No form-action: browsers hold it against the redirect that follows the form, which leads to the app.
    policy = ("default-src 'none'", *sources, "style-src 'unsafe-inline'", "frame-ancestors 'none'")
    return {
        "content-security-policy": "; ".join((*policy, "base-uri 'none'")),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
