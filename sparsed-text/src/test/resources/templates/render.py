"""Writes expected.jsonl of a folder: what Python's jinja2 makes of its templates.

python3 render.py [FOLDER], with jinja2 3.1. FOLDER holds templates (*.jinja) and conversations.json;
where the latter is missing, this folder's conversations are copied into it. Where snippets.json is
there, expected-snippets.jsonl is written from it. The settings are those in which transformers
renders chat templates, with a clock that stands still.
"""

import copy
import datetime
import json
import pathlib
import shutil
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 7, 4, 9, 5, 0)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


class Generation(jinja2.ext.Extension):
    """The tag around what the model wrote: a call block that gives its text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_text")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


def result(template, variables):
    try:
        return {"text": environment().from_string(template).render(**copy.deepcopy(variables))}
    except Exception as error:  # whatever Python raises, the template has no text
        return {"error": type(error).__name__}


def variables_of(conversation):
    variables = dict(TOKENS, documents=None)
    variables.update((key, conversation[key]) for key in ("messages", "tools", "add_generation_prompt"))
    variables.update(conversation.get("variables", {}))
    return variables


def write(file, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    file.write_text(text, encoding="utf-8", newline="\n")


def main(folder):
    conversations = folder / "conversations.json"
    if not conversations.exists():
        shutil.copy(HERE / "conversations.json", conversations)
    cases = json.loads(conversations.read_text("utf-8"))
    lines = []
    for file in sorted(folder.glob("*.jinja")):
        template = file.read_bytes().decode("utf-8")
        for case in cases:
            what = {"template": file.name, "conversation": case["name"]}
            lines.append({**what, **result(template, variables_of(case))})
    write(folder / "expected.jsonl", lines)
    if (folder / "snippets.json").exists():
        snippets = json.loads((folder / "snippets.json").read_text("utf-8"))
        lines = [{"template": t, **result(t, snippets["variables"])} for t in snippets["templates"]]
        write(folder / "expected-snippets.jsonl", lines)


main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
