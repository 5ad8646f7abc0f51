"""Checkpoints in LLaDA's format, and the state from which a training goes on."""

import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

STATE = "state.safetensors"
MODEL = "model.safetensors"
BESIDE = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")


def words(folder):
    """The text of each token of a checkpoint's tokenizer, without a space before it."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    entries = [(id, text) for text, id in tokenizer["model"]["vocab"].items()]
    entries += [(token["id"], token["content"]) for token in tokenizer["added_tokens"]]
    return [text.removeprefix("\u0120") for _, text in sorted(entries)]


def whole(path, write):
    """Writes a file that is there whole or not at all."""
    part = path.with_name(path.name + ".partial")
    write(part)
    part.chmod(0o644)
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


def text(content):
    return lambda path: path.write_text(content)


def tensors(values):
    values = {key: value.contiguous() for key, value in values.items()}
    return lambda path: save_file(values, path, {"format": "pt"})


def load(folder):
    return load_file(folder / MODEL)


def save_model(folder, start, network):
    """Writes the model as it stands, in bfloat16, with the other files of the checkpoint it began as."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in BESIDE:
        if not (folder / file).exists():
            whole(folder / file, lambda path, file=file: shutil.copyfile(start / file, path))
    values = {key: value.detach().to("cpu", torch.bfloat16) for key, value in network.parameters.items()}
    whole(folder / MODEL, tensors(values))


def save_state(folder, network, optimizer, progress):
    values = {key: value.detach().cpu() for key, value in network.parameters.items()}
    values |= {f"first.{key}": value.cpu() for key, value in optimizer.first.items()}
    values |= {f"second.{key}": value.cpu() for key, value in optimizer.second.items()}
    values["progress"] = torch.tensor(progress, dtype=torch.int64)
    whole(folder / STATE, tensors(values))


@torch.no_grad()
def load_state(folder, network, optimizer):
    """Takes up a state; gives the steps and tokens that led to it."""
    values = load_file(folder / STATE)
    for key, value in network.parameters.items():
        value.copy_(values[key])
    for key, value in optimizer.first.items():
        value.copy_(values[f"first.{key}"])
    for key, value in optimizer.second.items():
        value.copy_(values[f"second.{key}"])
    return values["progress"].tolist()


def has_state(folder):
    return (folder / STATE).is_file()
