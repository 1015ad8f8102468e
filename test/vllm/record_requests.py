"""Middleware for vLLM that appends the name of each Request, `request <name>` in its body, to the file SENT_FILE."""

import os
import re

NAME = re.compile(rb"request <([^>]+)>")


class RecordRequests:
    def __init__(self, app):
        self.app = app
        self.file = open(os.environ["SENT_FILE"], "ab", buffering=0)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        body = bytearray()

        async def recording():
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    name = NAME.search(body)
                    if name:
                        self.file.write(name.group(1) + b"\n")
            return message

        await self.app(scope, recording, send)
