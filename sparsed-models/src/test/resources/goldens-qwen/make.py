"""Makes the goldens of Qwen-like models: python3 make.py, with numpy alone.

An independent plain implementation in float64, written from the published classes' facts: no line is shared with the library, and nothing
of it runs while the library is tested. Weights are random, rounded to bfloat16 and stored so; their size keeps decisions far from ties.
"""
import json
import os
import struct

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MASK, END, VOCABULARY = 90, 91, 96


def bfloat16(values):
    """Rounds to the nearest bfloat16, half to even."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return rounded.astype(np.uint32).view(np.float32)


def write_safetensors(path, tensors):
    header, offset, blobs = {}, 0, []
    for name, value in tensors.items():
        blob = (value.astype(np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
        header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def rotary_frequencies(base, dimension, positions, scaling, length):
    """Frequencies as transformers computes them (modeling_rope_utils.py), with the factor of cosines and sines."""
    kind, factor = (scaling["rope_type"], scaling["factor"]) if scaling else ("default", 1.0)
    exponents = np.arange(0, dimension, 2) / dimension
    if kind == "dynamic":
        stretched = factor * max(length, positions) / positions - (factor - 1)
        return (base * stretched ** (dimension / (dimension - 2))) ** -exponents, 1.0
    plain = base**-exponents
    if kind != "yarn":
        return plain / factor, 1.0
    trained = scaling.get("original_max_position_embeddings", positions)
    low, high = (dimension * np.log(trained / (turns * 2 * np.pi)) / (2 * np.log(base))
                 for turns in (scaling.get("beta_fast", 32), scaling.get("beta_slow", 1)))
    if scaling.get("truncate", True):
        low, high = np.floor(low), np.ceil(high)
    low, high = max(low, 0), min(high, dimension - 1)
    ramp = np.clip((np.arange(dimension // 2) - low) / (high - low if high != low else 0.001), 0, 1)
    grown = lambda scale: 1.0 if factor <= 1 else 0.1 * scale * np.log(factor) + 1
    suggested = grown(1)
    if scaling.get("mscale") and scaling.get("mscale_all_dim"):
        suggested = grown(scaling["mscale"]) / grown(scaling["mscale_all_dim"])
    return plain / factor * ramp + plain * (1 - ramp), scaling.get("attention_factor", suggested)


class Model:
    def __init__(self, config, biased, norms, shift, block=None, seed=0):
        self.config, self.shift, self.block, self.norms = config, shift, block, norms
        self.reading = None
        draw = np.random.default_rng(seed)
        hidden, inner = config["hidden_size"], config["intermediate_size"]
        self.heads, self.groups, self.d = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
        weights = {"model.embed_tokens.weight": draw.normal(0, 1, (VOCABULARY, hidden))}
        # A mask that is alike to nothing is never predicted, not even where the head is the embedding.
        weights["model.embed_tokens.weight"][MASK] *= 0.02
        for layer in range(config["num_hidden_layers"]):
            at = f"model.layers.{layer}."
            sizes = {
                "self_attn.q_proj": (self.heads * self.d, hidden),
                "self_attn.k_proj": (self.groups * self.d, hidden),
                "self_attn.v_proj": (self.groups * self.d, hidden),
                "self_attn.o_proj": (hidden, self.heads * self.d),
                "mlp.gate_proj": (inner, hidden),
                "mlp.up_proj": (inner, hidden),
                "mlp.down_proj": (hidden, inner),
            }
            for name, (rows, columns) in sizes.items():
                weights[at + name + ".weight"] = draw.normal(0, 1.2 / np.sqrt(columns), (rows, columns))
                if name.split(".")[1][0] in biased and name.startswith("self_attn"):
                    weights[at + name + ".bias"] = draw.normal(0, 0.3, rows)
            for name in ("input_layernorm", "post_attention_layernorm"):
                weights[at + name + ".weight"] = 1 + draw.normal(0, 0.2, hidden)
            if norms:
                for name in ("self_attn.q_norm", "self_attn.k_norm"):
                    weights[at + name + ".weight"] = 1.5 + draw.normal(0, 0.3, self.d)
        weights["model.norm.weight"] = 1 + draw.normal(0, 0.2, hidden)
        if not config["tie_word_embeddings"]:
            weights["lm_head.weight"] = draw.normal(0, 2.5 / np.sqrt(hidden), (VOCABULARY, hidden))
            weights["lm_head.weight"][MASK] *= 0.02
        self.stored = {name: bfloat16(value) for name, value in weights.items()}
        self.weights = {name: value.astype(np.float64) for name, value in self.stored.items()}

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        write_safetensors(os.path.join(folder, "model.safetensors"), self.stored)
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(self.config, file, indent=1)
            file.write("\n")

    def norm(self, rows, name):
        scale = 1 / np.sqrt(np.mean(rows * rows, -1, keepdims=True) + self.config["rms_norm_eps"])
        return rows * scale * self.weights[name + ".weight"]

    def linear(self, rows, name):
        return rows @ self.weights[name + ".weight"].T + self.weights.get(name + ".bias", 0.0)

    def rotate(self, heads, positions=None):
        half = self.d // 2
        length = heads.shape[1] if positions is None else positions[-1] + 1
        frequencies, factor = rotary_frequencies(
            self.config["rope_theta"], self.d, self.config["max_position_embeddings"], self.config["rope_scaling"], length)
        angles = np.outer(np.arange(length) if positions is None else positions, frequencies)
        cos, sin = factor * np.cos(angles), factor * np.sin(angles)
        x, y = heads[..., :half], heads[..., half:]
        return np.concatenate([x * cos - y * sin, y * cos + x * sin], -1)

    def gated(self, rows, at):
        gate = self.linear(rows, at + "gate_proj")
        return self.linear(gate / (1 + np.exp(-gate)) * self.linear(rows, at + "up_proj"), at + "down_proj")

    def feed_forward(self, rows, at):
        return self.gated(rows, at + "mlp.")

    def logits(self, tokens, positions=None, kept=None):
        """Logits of every position, or of some that read the keys and values in kept, which are replaced where they are computed."""
        tokens = np.asarray(tokens)
        rows = self.weights["model.embed_tokens.weight"][tokens if positions is None else tokens[positions]]
        length = len(rows)
        hides = np.zeros((length, len(tokens)), bool)
        if self.block:
            number = np.arange(len(tokens)) // self.block
            hides = number[None, :] > (number if positions is None else number[positions])[:, None]
        for layer in range(self.config["num_hidden_layers"]):
            at = f"model.layers.{layer}."
            normed = self.norm(rows, at + "input_layernorm")
            split = lambda part, count: self.linear(normed, at + "self_attn." + part).reshape(length, count, self.d).swapaxes(0, 1)
            query, key, value = split("q_proj", self.heads), split("k_proj", self.groups), split("v_proj", self.groups)
            if self.norms:
                query, key = self.norm(query, at + "self_attn.q_norm"), self.norm(key, at + "self_attn.k_norm")
            query, key = (self.rotate(part) if positions is None else self.rotate(part, positions) for part in (query, key))
            if positions is not None:
                for old, new in zip(kept[layer], (key, value)):
                    old[:, positions] = new
                key, value = kept[layer]
            elif kept is not None:
                kept[layer] = key.copy(), value.copy()
            key, value = (np.repeat(part, self.heads // self.groups, 0) for part in (key, value))
            scores = query @ key.swapaxes(1, 2) / np.sqrt(self.d)
            scores[:, hides] = -np.inf
            if self.reading:
                self.reading.restrict(layer, scores)
            chances = np.exp(scores - scores.max(-1, keepdims=True))
            chances /= chances.sum(-1, keepdims=True)
            if self.reading:
                self.reading.choose(layer, chances)
            mixed = (chances @ value).swapaxes(0, 1).reshape(length, -1)
            rows = rows + self.linear(mixed, at + "self_attn.o_proj")
            rows = rows + self.feed_forward(self.norm(rows, at + "post_attention_layernorm"), at)
        head = self.weights["model.embed_tokens.weight" if self.config["tie_word_embeddings"] else "lm_head.weight"]
        return self.norm(rows, "model.norm") @ head.T

    def predictions(self, tokens):
        """Candidates of every position: token, probability, entropy, all from the row that predicts it."""
        logits = self.logits(tokens)
        if self.shift:
            logits = np.concatenate([logits[:1], logits[:-1]])
        chances = np.exp(logits - logits.max(-1, keepdims=True))
        chances /= chances.sum(-1, keepdims=True)
        ordered = np.sort(chances, -1)
        self.leads = ordered[:, -1] - ordered[:, -2]
        return chances.argmax(-1), chances.max(-1), -(chances * np.log(chances)).sum(-1)

    def most(self, confidence, open_positions, count):
        ranked = sorted(open_positions, key=lambda position: -confidence[position])
        if 0 < count < len(ranked):
            self.margin = min(self.margin, float(confidence[ranked[count - 1]] - confidence[ranked[count]]))
        for position in ranked[:count]:
            self.margin = min(self.margin, float(self.leads[position]))
        return ranked[:count]


def half_even_counts(masked, steps):
    """The dLLM library's linear schedule, zeros left out."""
    counts = []
    for step in range(steps):
        ends, begins = (np.float32(1) - (np.float32(1) - np.float32((steps - step - more) / steps)) for more in (1, 0))
        count = min(masked, int(np.round(masked * (1 - float(ends / begins)))))
        masked -= count
        counts += [count] if count else []
    return counts


def masked_diffusion(model, prompt, length, steps, block):
    """The dLLM library's MDLMSampler, temperature 0, low_confidence."""
    tokens = np.array(prompt + [MASK] * length)
    for start in range(len(prompt), len(tokens), block):
        for count in half_even_counts(block, steps * block // length):
            best, chance, _ = model.predictions(tokens)
            open_positions = [p for p in range(start + block) if tokens[p] == MASK and p >= len(prompt)]
            for position in model.most(chance, open_positions, count):
                tokens[position] = best[position]
    return tokens


def all_at_once(model, prompt, length, steps, algorithm):
    """Open-dLLM's loop, temperature 0: all positions compete."""
    tokens = np.array(prompt + [MASK] * length)
    times = np.linspace(1, 1e-3, steps + 1)
    for step in range(steps):
        best, chance, entropy = model.predictions(tokens)
        open_positions = [p for p in range(len(prompt), len(tokens)) if tokens[p] == MASK]
        share = 1 - times[step + 1] / times[step]
        exact = len(open_positions) * share
        assert abs(exact - round(exact)) > 1e-4 or step == steps - 1, "a count within rounding of float32"
        count = len(open_positions) if step == steps - 1 else int(exact)
        confidence = -entropy if algorithm == "entropy" else chance
        for position in model.most(confidence, open_positions, count):
            tokens[position] = best[position]
    return tokens


def threshold_decoding(model, prompt, length, block, threshold):
    """Fast-dLLM's parallel decoding without a cache: the surest of a block, and all that are sure enough."""
    tokens = np.array(prompt + [MASK] * length)
    for start in range(len(prompt), len(tokens), block):
        while (tokens[start : start + block] == MASK).any():
            best, chance, _ = model.predictions(tokens)
            open_positions = [p for p in range(start, start + block) if tokens[p] == MASK]
            ranked = model.most(chance, open_positions, 1)
            model.margin = min(model.margin, min(abs(float(chance[p]) - threshold) for p in open_positions))
            for position in set(ranked) | {p for p in open_positions if chance[p] >= threshold}:
                model.margin = min(model.margin, float(model.leads[position]))
                tokens[position] = best[position]
    return tokens


def block_diffusion(model, prompt, length, remasking, threshold, steps):
    """SDAR's block_diffusion_generate without its cache: blocks from the sequence's start, the likeliest token."""
    tokens = np.array(prompt + [MASK] * length)
    block = model.block
    assert len(tokens) % block == 0
    shares = [block // steps + (1 if step < block % steps else 0) for step in range(steps)]
    for start in range(len(prompt) // block * block, len(tokens), block):
        for share in shares:
            open_positions = [p for p in range(start, start + block) if tokens[p] == MASK]
            if not open_positions:
                break
            best, chance, _ = model.predictions(tokens)
            if remasking == "sequential":
                chosen = open_positions[:share]
            else:
                chosen = [p for p in open_positions if chance[p] > threshold]
                model.margin = min(model.margin, min(abs(float(chance[p]) - threshold) for p in open_positions))
                if remasking == "low_confidence_static" or len(chosen) < share:
                    chosen = model.most(chance, open_positions, min(share, len(open_positions)))
            for position in chosen:
                model.margin = min(model.margin, float(model.leads[position]))
                tokens[position] = best[position]
    return tokens


def small_blocks(model, prompt, length, small, threshold):
    """Fast-dLLM v2's generate without its caches, temperature 0; the last block ends with the generation."""
    tokens, total, block = list(prompt), len(prompt) + length, model.block

    def append_next():
        ordered = np.sort(model.logits(np.array(tokens))[-1])
        model.margin = min(model.margin, float(ordered[-1] - ordered[-2]))
        tokens.append(int(model.logits(np.array(tokens))[-1].argmax()))

    if len(tokens) % block == 0:
        append_next()
    while len(tokens) < total:
        start = len(tokens) // block * block
        end = min(start + block, total)
        tokens += [MASK] * (end - len(tokens))
        for begin in range(start, end, small):
            while MASK in tokens[begin : begin + small]:
                best, chance, _ = model.predictions(np.array(tokens))
                open_positions = [p for p in range(begin, min(begin + small, end)) if tokens[p] == MASK]
                chosen = set(model.most(chance, open_positions, 1)) | {p for p in open_positions if chance[p] > threshold}
                model.margin = min(model.margin, min(abs(float(chance[p]) - threshold) for p in open_positions))
                for position in chosen:
                    model.margin = min(model.margin, float(model.leads[position]))
                    tokens[position] = int(best[position])
        if end < total:
            append_next()
    return np.array(tokens)


def cached_blocks(model, prompt, length, small, threshold):
    """small_blocks with use_block_cache: where a small block's first token is there, its other rows read kept keys and values of the block."""
    tokens, total, block = list(prompt), len(prompt) + length, model.block

    def append_next():
        row = model.logits(tokens)[-1]
        ordered = np.sort(row)
        model.margin = min(model.margin, float(ordered[-1] - ordered[-2]))
        tokens.append(int(row.argmax()))

    if len(tokens) % block == 0:
        append_next()
    while len(tokens) < total:
        start = len(tokens) // block * block
        end = min(start + block, total)
        tokens += [MASK] * (end - len(tokens))
        kept = None
        for begin in range(start, end, small):
            own = np.arange(begin, min(begin + small, end))
            while MASK in tokens[begin : begin + small]:
                if kept is None or tokens[begin] == MASK:
                    kept = {}
                    rows = model.logits(tokens, kept=kept)[own - 1]
                else:
                    part = model.logits(tokens, own, kept)
                    rows = np.concatenate([part[:1], part[:-1]])
                chances = np.exp(rows - rows.max(-1, keepdims=True))
                chances /= chances.sum(-1, keepdims=True)
                ordered = np.sort(chances, -1)
                model.leads = {p: ordered[i, -1] - ordered[i, -2] for i, p in enumerate(own)}
                best = {p: int(chances[i].argmax()) for i, p in enumerate(own)}
                chance = {p: chances[i].max() for i, p in enumerate(own)}
                open_positions = [p for p in own if tokens[p] == MASK]
                chosen = set(model.most(chance, open_positions, 1)) | {p for p in open_positions if chance[p] > threshold}
                model.margin = min(model.margin, min(abs(float(chance[p]) - threshold) for p in open_positions))
                for position in chosen:
                    model.margin = min(model.margin, float(model.leads[position]))
                    tokens[position] = best[position]
        if end < total:
            append_next()
    return np.array(tokens)


class PrefixReading:
    """What the queries of one block read of the keys up to its end: SparseD's choice, and the block's own keys in any case."""

    def __init__(self, model, start, end, select, size):
        self.model, self.start, self.end, self.select, self.size = model, start, end, select, size
        self.chosen, self.choosing = {}, False

    def restrict(self, layer, scores):
        if not self.choosing:
            for head, closed in self.chosen.get(layer, {}).items():
                scores[head, self.start : self.end, closed] = -np.inf

    def choose(self, layer, chances):
        if not self.choosing:
            return
        blocks = -(-self.end // self.size)
        border = min(-(-(self.end - self.model.block) // self.size), blocks - 1)
        assert border == blocks - 1, "the generation part is one block, which is always read"
        self.chosen[layer] = {}
        for head in range(chances.shape[0]):
            sums = [chances[head, self.start : self.end, at : min(at + self.size, self.end)].sum() for at in range(0, self.end, self.size)]
            kept = min(blocks, int(blocks * self.select) + 1)
            ranked = sorted(range(blocks), key=lambda block: -sums[block])
            if kept < blocks:
                self.model.margin = min(self.model.margin, float(sums[ranked[kept - 1]] - sums[ranked[kept]]))
            read = {block for block in ranked[:kept] if block < border} | set(range(border, blocks))
            read |= set(range((self.end - self.model.block) // self.size, blocks))
            self.chosen[layer][head] = [key for key in range(self.end) if key // self.size not in read]


def sparse_blocks(model, prompt, length, remasking, threshold, steps, skip, select, size):
    """block_diffusion with SparseD over finished blocks: the first step of a block that is not skipped chooses, later ones reuse."""
    tokens = np.array(prompt + [MASK] * length)
    first_choosing = int(length * skip) + 1
    shares = [model.block // steps + (1 if step < model.block % steps else 0) for step in range(steps)]
    model.read = model.all = 0
    for start in range(len(prompt) // model.block * model.block, len(tokens), model.block):
        reading = PrefixReading(model, start, start + model.block, select, size)
        for share in shares:
            open_positions = [p for p in range(start, start + model.block) if tokens[p] == MASK]
            if not open_positions:
                break
            decided = int((tokens[len(prompt) :] != MASK).sum())
            model.reading = reading if decided >= first_choosing else None
            reading.choosing = not reading.chosen
            best, chance, _ = model.predictions(tokens)
            chosen = [p for p in open_positions if chance[p] > threshold]
            model.margin = min(model.margin, min(abs(float(chance[p]) - threshold) for p in open_positions))
            if remasking == "low_confidence_static" or len(chosen) < share:
                chosen = model.most(chance, open_positions, min(share, len(open_positions)))
            for position in chosen:
                model.margin = min(model.margin, float(model.leads[position]))
                tokens[position] = best[position]
    model.reading = None
    return tokens


def config(model_class, model_type, **others):
    base = {
        "architectures": [model_class], "model_type": model_type, "attention_dropout": 0.0, "bos_token_id": END, "eos_token_id": END,
        "hidden_act": "silu", "hidden_size": 48, "initializer_range": 0.02, "intermediate_size": 80, "mask_token_id": MASK,
        "max_position_embeddings": 512, "max_window_layers": 2, "num_attention_heads": 4, "num_hidden_layers": 2,
        "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_scaling": None, "rope_theta": 1000000.0, "sliding_window": None,
        "tie_word_embeddings": True, "torch_dtype": "bfloat16", "transformers_version": "4.57.0", "use_cache": False,
        "use_sliding_window": False, "vocab_size": VOCABULARY, "head_dim": 12,
    }
    return {**base, **others}


MODELS = {
    "a2d-qwen2": Model(config("A2DQwen2LMHeadModel", "a2d-qwen2"), "qkv", False, 0, seed=11),
    "a2d-qwen3": Model(config("A2DQwen3LMHeadModel", "a2d-qwen3", head_dim=32, attention_bias=False), "", True, 0, seed=12),
    "a2d-qwen3-biased": Model(
        config("A2DQwen3LMHeadModel", "a2d-qwen3", head_dim=16, attention_bias=True, tie_word_embeddings=False), "qkvo", True, 0, seed=13),
    "open-dllm": Model(config("Qwen2ForCausalLM", "qwen2", tie_word_embeddings=False), "qkv", False, 1, seed=14),
    "sdar": Model(
        config("SDARForCausalLM", "sdar", head_dim=16, attention_bias=False, tie_word_embeddings=False), "", True, 0, block=4, seed=15),
    "fast-dllm": Model(
        config("Fast_dLLM_QwenForCausalLM", "Fast_dLLM_Qwen", bd_size=8, layer_types=["full_attention", "full_attention"]),
        "qkv", False, 1, block=8, seed=16),
    "a2d-qwen2-yarn": Model(
        config("A2DQwen2LMHeadModel", "a2d-qwen2", rope_theta=10000.0, head_dim=16,
               rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}), "qkv", False, 0, seed=17),
    "open-dllm-dynamic": Model(
        config("Qwen2ForCausalLM", "qwen2", rope_theta=10000.0, head_dim=16, max_position_embeddings=8,
               rope_scaling={"rope_type": "dynamic", "factor": 3.0}), "qkv", False, 1, seed=18),
}


def main():
    cases, draw = [], np.random.default_rng(5)
    for name, model in MODELS.items():
        model.write(os.path.join(HERE, name))
        tokens = draw.integers(0, 88, 13)
        tokens[[4, 9, 12]] = MASK
        rows = [0, 4, 5, 12]
        cases.append({"model": name, "kind": "logits", "tokens": tokens.tolist(), "rows": rows,
                      "expect": np.round(model.logits(tokens)[rows], 6).tolist()})
        runs = []
        for settings in (
            [("block_diffusion", dict(length=19, remasking="low_confidence_dynamic", threshold=0.5, steps=4)),
             ("block_diffusion", dict(length=19, remasking="low_confidence_static", threshold=0.5, steps=3)),
             ("block_diffusion", dict(length=11, remasking="sequential", threshold=0.5, steps=2))]
            if model.block and model.shift == 0
            else [("small_blocks", dict(length=31, small=4, threshold=0.5)), ("small_blocks", dict(length=17, small=8, threshold=0.3)),
                  ("small_blocks", dict(length=23, small=2, threshold=0.5, prompt=16))]
            if model.block
            else [("masked_diffusion", dict(length=16, steps=16, block=8)), ("masked_diffusion", dict(length=24, steps=10, block=12))]
            if model.shift == 0
            else [("all_at_once", dict(length=16, steps=16, algorithm="entropy")),
                  ("all_at_once", dict(length=16, steps=5, algorithm="maskgit_plus"))]
        ):
            runs.append(settings)
        if model.shift == 0 and not model.block:
            runs.append(("threshold", dict(length=16, block=8, threshold=0.5)))
        for kind, settings in runs:
            run = {"masked_diffusion": masked_diffusion, "all_at_once": all_at_once, "threshold": threshold_decoding,
                   "block_diffusion": block_diffusion, "small_blocks": small_blocks,
                   "sparse_blocks": sparse_blocks}[kind]
            prompt_length = settings.pop("prompt", 9)
            for attempt in range(400):
                prompt = draw.integers(0, 88, prompt_length).tolist()
                model.margin = 1.0
                decoded = run(model, prompt, **settings)
                if model.margin > 2e-4 and MASK not in decoded:
                    break
            else:
                raise SystemExit("no decisive prompt for " + name)
            cases.append({"model": name, "kind": kind, **settings, "prompt": prompt, "margin": round(model.margin, 6),
                          "expect": decoded[len(prompt):].tolist()})
    for name, settings in (("sdar", dict(length=23, remasking="low_confidence_static", threshold=0.5, steps=4, skip=0.1, select=0.3, size=8)),
                           ("sdar", dict(length=31, remasking="low_confidence_dynamic", threshold=0.5, steps=4, skip=0.2, select=0.2, size=4))):
        model = MODELS[name]
        for attempt in range(400):
            prompt = draw.integers(0, 88, 41).tolist()
            model.margin = 1.0
            decoded = sparse_blocks(model, prompt, **settings)
            dense = block_diffusion(model, prompt, **{key: settings[key] for key in ("length", "remasking", "threshold", "steps")})
            # What was read must make a difference, and no decision be within rounding.
            if model.margin > 2e-4 and MASK not in decoded and (decoded != dense).any():
                break
        else:
            raise SystemExit("no decisive prompt for sparse blocks")
        cases.append({"model": name, "kind": "sparse_blocks", **settings, "prompt": prompt, "margin": round(model.margin, 6),
                      "expect": decoded[len(prompt):].tolist()})
    for settings in (dict(length=31, small=4, threshold=0.5, prompt=9), dict(length=23, small=2, threshold=0.7, prompt=16),
                     dict(length=34, small=4, threshold=0.9, prompt=22), dict(length=19, small=4, threshold=0.3, prompt=5)):
        model, prompt_length = MODELS["fast-dllm"], settings.pop("prompt")
        for attempt in range(400):
            prompt = draw.integers(0, 88, prompt_length).tolist()
            model.margin = 1.0
            decoded = cached_blocks(model, prompt, **settings)
            margin = model.margin
            # What is kept must make a difference.
            if margin > 2e-4 and MASK not in decoded and (decoded != small_blocks(model, prompt, **settings)).any():
                break
        else:
            raise SystemExit("no decisive prompt for cached blocks")
        cases.append({"model": "fast-dllm", "kind": "cached_blocks", **settings, "prompt": prompt, "margin": round(margin, 6),
                      "expect": decoded[len(prompt):].tolist()})
    manifest = {
        "title": "Qwen-like diffusion models: logits and decoded tokens",
        "origin": "make.py beside this file: an independent implementation in numpy, float64, on random weights in bfloat16. "
                  "The logits of sdar and fast-dllm and fast-dllm's tokens are also what the published code gives (goldens-published/judge.py, in float32); of the others it did not run, and what it computes was taken from reading it.",
        "meanings": {
            "logits": "rows of the model's raw output, unshifted, for a whole sequence; within 1e-3 of float32",
            "masked_diffusion": "the dLLM library's MDLMSampler: linear schedule, low_confidence, temperature 0",
            "all_at_once": "Open-dLLM's loop: all positions compete, temperature 0, no limits of candidates",
            "threshold": "Fast-dLLM's parallel decoding by confidence, without a cache",
            "block_diffusion": "SDAR's script without its cache, the likeliest token, blocks of 4 from the sequence's start",
            "small_blocks": "Fast-dLLM v2's generate without its caches, the likeliest token, blocks of 8 from the sequence's start",
            "cached_blocks": "small_blocks with use_block_cache: steps of a small block whose first token is decided feed it alone",
            "sparse_blocks": "block_diffusion, with SparseD over the keys up to a block's end: its first step that is not skipped chooses",
            "margin": "the smallest distance by which a token or a position was chosen",
        },
        "cases": cases,
    }
    with open(os.path.join(HERE, "manifest.json"), "w") as file:
        json.dump(manifest, file, separators=(",", ":"))
        file.write("\n")
    for case in cases:
        print(case["model"], case["kind"], case.get("margin", ""), case["expect"] if case["kind"] != "logits" else "")


if __name__ == "__main__":
    main()
