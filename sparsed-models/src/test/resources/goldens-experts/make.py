"""Makes the goldens of models with experts: python3 make.py, with numpy alone.

As those of Qwen-like models, whose plain attention and decodings are used here too; what sets these models apart is written here from the
published classes' facts, in float64.
"""
import importlib.util
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
_spec = importlib.util.spec_from_file_location("dense", os.path.join(HERE, "..", "goldens-qwen", "make.py"))
dense = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(dense)
MASK, END, VOCABULARY = dense.MASK, dense.END, dense.VOCABULARY


class Experts(dense.Model):
    """Layers from `first` on have experts; `shared` and the router's names are the published classes'."""

    def __init__(self, config, first, inner, count, most, shared=None, biased="", norms=True, block=None, groups=None, scale=1.0, part=1.0,
                 seed=0):
        super().__init__(config, biased, norms, 0, block, seed)
        self.first, self.count, self.per_token, self.shared, self.limits, self.scale, self.part = first, count, most, shared, groups, scale, part
        draw = np.random.default_rng(seed + 1000)
        hidden = config["hidden_size"]
        added = {}
        for layer in range(first, config["num_hidden_layers"]):
            at = f"model.layers.{layer}."
            parts = [(f"mlp.experts.{expert}.", inner) for expert in range(count)] + ([shared] if shared else [])
            for name in ("gate_proj", "up_proj", "down_proj"):
                del self.stored[at + "mlp." + name + ".weight"]
            for name, size in parts:
                added[at + name + "gate_proj.weight"] = draw.normal(0, 1.2 / np.sqrt(hidden), (size, hidden))
                added[at + name + "up_proj.weight"] = draw.normal(0, 1.2 / np.sqrt(hidden), (size, hidden))
                added[at + name + "down_proj.weight"] = draw.normal(0, 1.2 / np.sqrt(size), (hidden, size))
            added[at + "mlp.gate.weight"] = draw.normal(0, 1.5 / np.sqrt(hidden), (count, hidden))
            if groups:
                added[at + "mlp.gate.expert_bias"] = draw.normal(0, 0.2, count)
        for name, value in added.items():
            self.stored[name] = dense.bfloat16(value)
        self.weights = {name: value.astype(np.float64) for name, value in self.stored.items()}
        self.route = 1.0

    def rotate(self, heads):
        turned = int(self.d * self.part)
        half = turned // 2
        angles = np.outer(np.arange(heads.shape[1]), self.config["rope_theta"] ** (-np.arange(half) / half))
        x, y, rest = heads[..., :half], heads[..., half:turned], heads[..., turned:]
        return np.concatenate([x * np.cos(angles) - y * np.sin(angles), y * np.cos(angles) + x * np.sin(angles), rest], -1)

    def best(self, values, count):
        """The indices of the largest values, and note how far they are from the others."""
        order = np.argsort(-values, kind="stable")
        if count < len(values):
            self.route = min(self.route, float(values[order[count - 1]] - values[order[count]]))
        return order[:count]

    def chosen(self, row, at):
        """Experts of one token, with their weights."""
        scores = self.weights[at + "mlp.gate.weight"] @ row
        if not self.limits:
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            experts = self.best(chances, self.per_token)
            return experts, chances[experts]
        chances = 1 / (1 + np.exp(-scores))
        ranked = chances + self.weights[at + "mlp.gate.expert_bias"]
        groups, kept = self.limits
        members = ranked.reshape(groups, -1)
        good = self.best(np.sort(members, -1)[:, -2:].sum(-1), kept)
        open_experts = np.sort(np.concatenate([np.arange(g * members.shape[1], (g + 1) * members.shape[1]) for g in good]))
        experts = open_experts[self.best(ranked[open_experts], self.per_token)]
        return experts, self.scale * chances[experts] / (chances[experts].sum() + 1e-20)

    def feed_forward(self, rows, at):
        if int(at.split(".")[2]) < self.first:
            return super().feed_forward(rows, at)
        results = []
        for row in rows:
            experts, weights = self.chosen(row, at)
            result = sum(w * self.gated(row, f"{at}mlp.experts.{e}.") for e, w in zip(experts, weights))
            results.append(result + self.gated(row, at + self.shared[0]) if self.shared else result)
        return np.stack(results)

    def write(self, folder):
        """LLaDA2 has names of its own, and queries, keys and values in one tensor."""
        ours = self.stored
        if self.limits:
            self.stored = {}
            for name, value in ours.items():
                if ".self_attn.q_proj." in name:
                    together = [ours[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
                    self.stored[name.replace("self_attn.q_proj", "attention.query_key_value")] = np.concatenate(together)
                elif ".k_proj." not in name and ".v_proj." not in name:
                    for old, new in (("embed_tokens", "word_embeddings"), ("self_attn.o_proj", "attention.dense"),
                                     ("self_attn.q_norm", "attention.query_layernorm"), ("self_attn.k_norm", "attention.key_layernorm")):
                        name = name.replace(old, new)
                    self.stored[name] = value
        super().write(folder)
        self.stored = ours


def llada(model, prompt, length, steps, block):
    """LLaDA's generate, temperature 0, low_confidence: as many tokens per step, the first ones one more."""
    tokens = np.array(prompt + [MASK] * length)
    per_block = steps * block // length
    for start in range(len(prompt), len(tokens), block):
        for step in range(per_block):
            best, chance, _ = model.predictions(tokens)
            open_positions = [p for p in range(start, start + block) if tokens[p] == MASK]
            count = block // per_block + (1 if step < block % per_block else 0)
            for position in model.most(chance, open_positions, count):
                tokens[position] = best[position]
    return tokens


def editing(model, prompt, length, threshold, editing_threshold, post_steps):
    """LLaDA2.1's generate, temperature 0: what is masked is committed by one threshold, what is decided changed by another."""
    tokens = np.array(prompt + [MASK] * length)
    model.edits = model.late_edits = model.cut = 0
    for start in range(len(prompt) // model.block * model.block, len(tokens), model.block):
        own = range(max(start, len(prompt)), start + model.block)
        late = 0
        while True:
            masked = [p for p in own if tokens[p] == MASK]
            if not masked:
                late += 1
                if late > post_steps:
                    model.cut += 1
                    break
            best, chance, _ = model.predictions(tokens[: start + model.block])
            held = [p for p in own if tokens[p] != MASK]
            for p in masked:
                model.margin = min(model.margin, abs(float(chance[p]) - threshold))
            for p in held:
                if chance[p] > editing_threshold:
                    model.margin = min(model.margin, float(model.leads[p]))
                if best[p] != tokens[p]:
                    model.margin = min(model.margin, abs(float(chance[p]) - editing_threshold))
            sure = [p for p in masked if chance[p] > threshold] or model.most(chance, masked, min(1, len(masked)))
            changed = [p for p in held if best[p] != tokens[p] and chance[p] > editing_threshold]
            for p in sure:
                model.margin = min(model.margin, float(model.leads[p]))
            for p in sure + changed:
                tokens[p] = best[p]
            model.edits += len(changed)
            model.late_edits += 0 if masked else len(changed)
            if not masked and not changed:
                break
    return tokens


def config(model_class, model_type, **others):
    base = {
        "architectures": [model_class], "model_type": model_type, "attention_dropout": 0.0, "eos_token_id": END, "hidden_act": "silu",
        "hidden_size": 32, "initializer_range": 0.02, "mask_token_id": MASK, "max_position_embeddings": 512, "num_attention_heads": 4,
        "num_hidden_layers": 2, "output_router_logits": False, "rms_norm_eps": 1e-5, "rope_scaling": None, "rope_theta": 50000.0,
        "tie_word_embeddings": False, "torch_dtype": "bfloat16", "transformers_version": "4.53.2", "use_cache": False, "vocab_size": VOCABULARY,
    }
    return {**base, **others}


def llada_moe(**others):
    base = {
        "attention_bias": False, "clip_qkv": None, "dense_intermediate_size": 64, "expert_intermediate_size": 16, "moe_layer_freq": [1, 1],
        "moe_router_enable_expert_bias": False, "moe_router_score_function": "softmax", "norm_topk_prob": None, "num_experts": 8,
        "num_experts_per_tok": 2, "num_key_value_heads": 4, "partial_rotary_factor": 1, "qk_layernorm": True, "routed_scaling_factor": 1.0,
        "router_aux_loss_coef": 0.01, "router_num_group": None, "router_topk_group": None, "shared_expert_intermediate_size": None,
    }
    return config("LLaDAMoEModelLM", "llada", **{**base, **others})


def made(config_, **others):
    """A model with what the plain attention asks a configuration for; the file has the published fields alone."""
    full = {"head_dim": config_["hidden_size"] // config_["num_attention_heads"], **config_,
            "intermediate_size": config_.get("intermediate_size", config_.get("dense_intermediate_size"))}
    model = Experts(full, **others)
    model.config = {**config_}
    return model


LLADA2 = config(
    "LLaDA2MoeModelLM", "llada2_moe", block_size=8, embedding_dropout=0.0, first_k_dense_replace=1, head_dim=16, intermediate_size=64,
    moe_intermediate_size=16, moe_router_enable_expert_bias=True, n_group=4, norm_head=False, norm_topk_prob=True, num_experts=16,
    num_experts_per_tok=3, num_key_value_heads=2, num_shared_experts=1, output_dropout=0.0, pad_token_id=END, partial_rotary_factor=0.5,
    rms_norm_eps=1e-6, rope_theta=600000.0, rotary_dim=8, routed_scaling_factor=2.5, router_dtype="fp32", score_function="sigmoid",
    topk_group=2, use_bias=False, use_qk_norm=True, use_qkv_bias=False, use_rmsnorm=True)

MODELS = {
    "llada-moe": made(llada_moe(), first=0, inner=16, count=8, most=2, seed=21),
    "llada-moe-shared": made(
        llada_moe(moe_layer_freq=[0, 1], shared_expert_intermediate_size=24, qk_layernorm=False, attention_bias=True),
        first=1, inner=16, count=8, most=2, shared=("shared_expert.", 24), biased="qkvo", norms=False, seed=22),
    "llada2": made(
        LLADA2, first=1, inner=16, count=16, most=3, shared=("mlp.shared_experts.", 16), block=8, groups=(4, 2), scale=2.5, part=0.5, seed=23),
}

RUNS = {
    "llada-moe": [("llada", dict(length=16, steps=16, block=8)), ("llada", dict(length=24, steps=10, block=12)),
                  ("threshold", dict(length=16, block=8, threshold=0.5))],
    "llada2": [("block_diffusion", dict(length=23, remasking="low_confidence_dynamic", threshold=0.5, steps=8)),
               ("block_diffusion", dict(length=15, remasking="low_confidence_static", threshold=0.5, steps=3)),
               ("editing", dict(length=23, threshold=0.95, editing_threshold=0.9, post_steps=16, wanted="edits")),
               ("editing", dict(length=23, threshold=0.7, editing_threshold=0.5, post_steps=16, wanted="late_edits")),
               ("editing", dict(length=31, threshold=0.5, editing_threshold=0.0, post_steps=16, wanted="late_edits")),
               ("editing", dict(length=23, threshold=0.3, editing_threshold=0.0, post_steps=2, wanted="cut")),
               ("editing", dict(length=15, threshold=0.2, editing_threshold=0.2, post_steps=0, wanted="edits"))],
}
RUNS["llada-moe-shared"] = RUNS["llada-moe"]


def main():
    cases, draw = [], np.random.default_rng(6)
    for name, model in MODELS.items():
        model.write(os.path.join(HERE, name))
        for attempt in range(400):
            tokens = draw.integers(0, 88, 13)
            tokens[[4, 9, 12]] = MASK
            model.route = 1.0
            logits = model.logits(tokens)
            if model.route > 1e-3:
                break
        else:
            raise SystemExit("no decisive tokens for " + name)
        rows = [0, 4, 5, 12]
        cases.append({"model": name, "kind": "logits", "tokens": tokens.tolist(), "rows": rows, "route": round(model.route, 6),
                      "expect": np.round(logits[rows], 6).tolist()})
        for kind, settings in RUNS[name]:
            wanted = settings.pop("wanted", None)
            run = {"editing": editing, "llada": llada, "threshold": dense.threshold_decoding, "block_diffusion": dense.block_diffusion}[kind]
            for attempt in range(400):
                prompt = draw.integers(0, 88, 9).tolist()
                model.margin = model.route = 1.0
                decoded = run(model, prompt, **settings)
                enough = not wanted or getattr(model, wanted) > 0
                if model.margin > 2e-4 and model.route > 1e-5 and MASK not in decoded and enough:
                    break
            else:
                raise SystemExit("no decisive prompt for " + name)
            cases.append({"model": name, "kind": kind, **settings, "prompt": prompt, "margin": round(model.margin, 6),
                          "route": round(model.route, 6), "expect": decoded[len(prompt):].tolist()})
    manifest = {
        "title": "Diffusion models with experts: logits and decoded tokens",
        "origin": "make.py beside this file: an independent implementation in numpy, float64, on random weights in bfloat16. "
                  "All logits and llada2's tokens are also what the published code gives (goldens-published/judge.py, in float32); of LLaDA's loop around it, what it computes was taken from reading it.",
        "meanings": {
            "logits": "rows of the model's raw output for a whole sequence; within 1e-3 of float32",
            "llada": "LLaDA's generate: low_confidence, temperature 0",
            "threshold": "Fast-dLLM's parallel decoding by confidence, without a cache",
            "block_diffusion": "LLaDA2's generate without a cache, the likeliest token, blocks of 8 from the sequence's start",
            "editing": "LLaDA2.1's generate without a cache, the likeliest token: masked positions above threshold, decided ones above editing_threshold",
            "margin": "the smallest distance by which a token or a position was chosen",
            "route": "the smallest distance by which an expert or a group was chosen",
        },
        "cases": cases,
    }
    with open(os.path.join(HERE, "manifest.json"), "w") as file:
        json.dump(manifest, file, separators=(",", ":"))
        file.write("\n")
    for case in cases:
        print(case["model"], case["kind"], case.get("margin", ""), case["route"], case["expect"] if case["kind"] != "logits" else "")


if __name__ == "__main__":
    main()
