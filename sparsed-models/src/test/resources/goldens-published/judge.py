"""Runs the published modelling code of a family on a miniature checkpoint and compares it with the manifest beside it.

    python judge.py FAMILY CODE_FOLDER ../goldens-qwen sdar

CODE_FOLDER holds the family's published modeling*.py and configuration*.py, which are no part of this project. Needs torch, safetensors,
einops and transformers 4.5x. Kernels that need a card are replaced by what torch computes: flash_attn's norm and attention (SDAR).
Everything runs in float32 on the processor. Exits with 1 where something differs.
"""

import importlib
import importlib.metadata
import json
import sys
import types
import typing
from pathlib import Path

# Newer companions of transformers do as well for what is used here, but are refused at its import.
INSTALLED = importlib.metadata.version
importlib.metadata.version = lambda name: {"huggingface-hub": "0.35.0", "tokenizers": "0.22.0"}.get(name) or INSTALLED(name)

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

MODULES = {
    "sdar": ("modeling_sdar", "configuration_sdar", "SDARForCausalLM", "SDARConfig"),
    "fast-dllm": ("modeling", "configuration", "Fast_dLLM_QwenForCausalLM", "Fast_dLLM_QwenConfig"),
    "llada-moe": ("modeling_lladamoe", "configuration_lladamoe", "LLaDAMoEModelLM", "LLaDAMoEConfig"),
    "llada2": ("modeling_llada2_moe", "configuration_llada2_moe", "LLaDA2MoeModelLM", "LLaDA2MoeConfig"),
    "llada2.1": ("modeling_llada21_moe", "configuration_llada21_moe", "LLaDA2MoeModelLM", "LLaDA2MoeConfig"),
}
MASK = 90
TOLERANCE = 1e-3


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    for member, value in members.items():
        setattr(module, member, value)
    sys.modules[name] = module


def stand_ins(package):
    def norm(rows, weight, bias, eps):
        return weight * (rows * torch.rsqrt(rows.pow(2).mean(-1, keepdim=True) + eps))

    def attention(query, key, value, causal, softmax_scale):
        heads = [part.transpose(1, 2) for part in (query, key, value)]
        return F.scaled_dot_product_attention(*heads, scale=softmax_scale, enable_gqa=True).transpose(1, 2)

    for name in ("flash_attn.ops", "flash_attn.ops.triton", "flash_attn.bert_padding"):
        stand_in(name, index_first_axis=None, pad_input=None, unpad_input=None)
    stand_in("flash_attn", flash_attn_func=attention, flash_attn_varlen_func=None, __version__="2.8.0")
    stand_in("flash_attn.ops.triton.layer_norm", rms_norm_fn=norm)
    stand_in(package + ".fused_linear_diffusion_cross_entropy", FusedLinearDiffusionCrossEntropyLoss=None)
    import transformers.utils
    import transformers.cache_utils
    import transformers.modeling_rope_utils as rope

    transformers.utils.LossKwargs = getattr(transformers.utils, "LossKwargs", typing.TypedDict("LossKwargs", {}, total=False))
    for name in ("SlidingWindowCache", "StaticCache"):
        setattr(transformers.cache_utils, name, getattr(transformers.cache_utils, name, transformers.cache_utils.DynamicCache))
    assert "default" in rope.ROPE_INIT_FUNCTIONS


def load(family, code, folder):
    package = "published_" + family.replace("-", "_")
    top = types.ModuleType(package)
    top.__path__ = [str(code)]
    sys.modules[package] = top
    if family == "sdar":
        stand_ins(package)
    modeling, configuration, model_class, config_class = MODULES[family]
    config_class = getattr(importlib.import_module(package + "." + configuration), config_class)
    model_class = getattr(importlib.import_module(package + "." + modeling), model_class)
    fields = json.loads((folder / "config.json").read_text())
    config = config_class(**{key: value for key, value in fields.items() if key not in ("architectures", "torch_dtype")})
    config.fuse_cross_entropy = False
    config._attn_implementation = "sdpa" if family in ("sdar", "llada2", "llada2.1") else "eager"
    model = model_class(config).float().eval()
    tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    missing = [name for name in missing if "lm_head" not in name and "inv_freq" not in name]
    assert not missing and not unexpected, (missing, unexpected)
    model.tie_weights()
    if family.startswith("llada2"):
        forward = model.forward
        # The published call makes its mask for a model in bfloat16.
        model.forward = lambda *ids, attention_mask, **others: forward(*ids, attention_mask=attention_mask.float(), **others)
    return model, fields


def causal(length, block):
    blocks = torch.arange(length) // block
    return blocks[:, None] >= blocks[None, :]


def logits(family, model, fields, tokens):
    ids = torch.tensor([tokens])
    if family == "llada-moe":
        return model(ids).logits[0]
    block = fields.get("bd_size") or fields.get("block_size", 4)
    if family == "fast-dllm":
        return model(ids, block_size=block).logits[0]
    mask = causal(len(tokens), block)[None, None]
    if family.startswith("llada2"):
        mask = torch.where(mask, 0.0, -torch.inf)
    return model(ids, attention_mask=mask, position_ids=torch.arange(len(tokens))[None]).logits[0]


def generated(family, model, fields, case):
    """The tokens of whole blocks, which the published calls always decode; nothing where the family has no call."""
    prompt = torch.tensor([case["prompt"]])
    block = fields.get("bd_size") or fields.get("block_size") or 0
    if family == "fast-dllm" and case["kind"] in ("small_blocks", "cached_blocks"):
        rounds = (case["length"] // block + 2) * block
        out = model.generate(prompt, max_new_tokens=rounds, mask_id=MASK, threshold=case["threshold"], small_block_size=case["small"],
                             block_size=block, stop_token=-1, temperature=0, top_p=0.95, use_block_cache=case["kind"] == "cached_blocks")
        out = out[0] if isinstance(out, tuple) else out
    elif family == "llada2" and case["kind"] == "block_diffusion":
        # Says that temperature 0 is greedy, but draws; compared is what it says.
        torch.multinomial = lambda chances, num_samples: chances.argmax(-1, keepdim=True)
        threshold = case["threshold"] if case["remasking"] == "low_confidence_dynamic" else 2.0
        out = model.generate(prompt, temperature=0.0, block_length=block, steps=case["steps"], gen_length=case["length"],
                             threshold=threshold, eos_id=-1, mask_id=MASK)
    elif family == "llada2.1" and case["kind"] == "editing":
        out = model.generate(prompt, temperature=0.0, block_length=block, gen_length=case["length"], threshold=case["threshold"],
                             editing_threshold=case["editing_threshold"], max_post_steps=case["post_steps"], eos_id=-1, mask_id=MASK)
    else:
        return None
    start = 0 if family.startswith("llada2") else len(case["prompt"])
    whole = (len(case["prompt"]) + case["length"]) // block * block - len(case["prompt"])
    return out[0].tolist()[start:][:whole]


def main():
    family, code, folder, name = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    model, fields = load(family, code.resolve(), folder / name)
    failed = False
    for case in json.loads((folder / "manifest.json").read_text())["cases"]:
        if case["model"] != name:
            continue
        with torch.no_grad():
            if case["kind"] == "logits":
                rows = logits(family, model, fields, case["tokens"])[case["rows"]]
                distance = (rows - torch.tensor(case["expect"])).abs().max().item()
                print(name, "logits differ by at most", distance)
                failed |= not distance < TOLERANCE
            else:
                tokens = generated(family, model, fields, case)
                if tokens is not None:
                    same = tokens == case["expect"][: len(tokens)]
                    print(name, case["kind"], len(tokens), "tokens are the same" if same else f"differ: {tokens} {case['expect']}")
                    failed |= not same
    sys.exit(failed)


if __name__ == "__main__":
    main()
