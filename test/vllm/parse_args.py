"""Parses command lines of `vllm serve`, a JSON list of lists on stdin, with vLLM's own parser; prints a list of what is
wrong with each, null where nothing is."""

import contextlib
import io
import json
import os
import sys

# What vLLM logs while it is imported goes elsewhere: standard output is the answer.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser

parser = make_arg_parser(FlexibleArgumentParser())


def wrong_with(arguments):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            validate_parsed_serve_args(parser.parse_args(arguments))
    except SystemExit:
        return said.getvalue()[-500:]
    except (TypeError, ValueError) as error:
        return str(error)
    return None


json.dump([wrong_with(arguments) for arguments in json.load(sys.stdin)], answer)
