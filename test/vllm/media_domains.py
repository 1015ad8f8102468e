"""Has vLLM's own connector load media as an engine does that runs with certain domains: a JSON list of [url, domains] on
stdin; prints a list of what it said to each. What it would fetch it does not: then it says `fetched`."""

import json
import os
import sys

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from vllm.multimodal.media import MediaConnector


class Connection:
    def get_bytes(self, url, *, timeout=None, allow_redirects=True, max_bytes=None):
        return b"fetched, redirects " + str(allow_redirects).encode()


class Text:
    def get_max_bytes(self):
        return None

    def load_bytes(self, data):
        return data.decode()

    def load_base64(self, media_type, data):
        return f"{media_type} {data}"


def load(url, domains):
    try:
        return MediaConnector(connection=Connection(), allowed_media_domains=domains).load_from_url(url, Text())
    except (RuntimeError, ValueError) as error:
        return str(error)


json.dump([load(*case) for case in json.load(sys.stdin)], answer)
