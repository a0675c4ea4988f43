"""A page as the reader writes it: with a head of title and address, as Jina's does, or as JSON."""

import re
from typing import Any

from web.reader.asked import Asked

Record = dict[str, Any]


#: A picture and a link of markdown; the groups are their words.
PICTURE = re.compile(r"!\[([^\]\[]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")
LINK = re.compile(r"(?<!!)\[([^\]\[]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")


def kept_of(text: str, asked: Asked) -> str:
    """Markdown with as much of its pictures and links as is asked for. Pictures stand in links, so they come first."""
    if asked.keeps_images != "all":
        text = PICTURE.sub(r"\1" if asked.keeps_images == "alt" else "", text)
    if asked.keeps_links != "all":
        text = LINK.sub(r"\1" if asked.keeps_links == "text" else "", text)
    return text


def body_of(record: Record, format_: str) -> str:
    """The content alone."""
    if format_ == "html":
        return str(record.get("raw_html") or record.get("text") or "")
    if format_ == "text":
        return str(record.get("text") or "")
    return str(record.get("markdown") or record.get("text") or "")


def text_of(record: Record, asked: Asked) -> str:
    """The page as text; markdown has a head."""
    body = body_of(record, asked.format)
    if asked.format != "markdown":
        return body + "\n"
    body = kept_of(body, asked)
    head = [f"Title: {' '.join(str(record.get('title') or '').split())}", f"URL Source: {record['url']}"]
    head += [f"Published Time: {record['published']}"] if record.get("published") else []
    parts = [*head, f"Markdown Content:\n{body}"]
    if asked.links:
        parts.append("Links/Buttons:\n" + "\n".join(f"- [{_word(one)}]({one['url']})" for one in record.get("links", ())))
    if asked.images:
        parts.append("Images:\n" + "\n".join(f"- ![{_word(one)}]({one['url']})" for one in record.get("images", ())))
    return "\n\n".join(parts) + "\n"


def _word(one: Record) -> str:
    return " ".join(str(one.get("text") or one.get("alt") or "").split()).replace("]", ")").replace("[", "(")


def json_of(record: Record, asked: Asked) -> Record:
    """The page as JSON, in the form of Jina's reader."""
    data: Record = {"title": record.get("title") or "", "description": record.get("description") or "", "url": record["url"]}
    data["content"] = body_of(record, asked.format)
    if asked.format == "markdown":
        data["content"] = kept_of(data["content"], asked)
    if record.get("published"):
        data["publishedTime"] = record["published"]
    if asked.links:
        data["links"] = {_word(one) or one["url"]: one["url"] for one in record.get("links", ())}
    if asked.images:
        data["images"] = {_word(one) or one["url"]: one["url"] for one in record.get("images", ())}
    return {"code": 200, "status": 20000, "data": data}


def document_of(record: Record) -> Record:
    """The page as Open WebUI's loader reads it."""
    said = {"source": record["url"], "title": record.get("title"), "description": record.get("description")}
    said |= {"language": record.get("language"), "published": record.get("published"), "author": record.get("author")}
    metadata = {name: text for name, text in said.items() if text}
    return {"page_content": body_of(record, "markdown"), "metadata": metadata}
