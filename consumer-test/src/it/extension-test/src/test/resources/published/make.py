"""Makes klass.txt: python3 make.py, with numpy alone.

KLASS as d2Cache's repository publishes it (src/generation/klass.py, read for facts), in a plain implementation of its own over the plain model
of the goldens for Qwen-like models. One block: there the published history begins as ours does with every block.
Each line: confidence, divergence, history | prompt | decoded tokens | passes.
"""
import importlib.util
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "../../../../../../../../sparsed-models/src/test/resources/goldens-qwen/make.py")
spec = importlib.util.spec_from_file_location("goldens", MODELS)
goldens = importlib.util.module_from_spec(spec)
spec.loader.exec_module(goldens)


def chances(model, tokens):
    logits = model.logits(tokens)
    values = np.exp(logits - logits.max(-1, keepdims=True))
    return values / values.sum(-1, keepdims=True)


def klass(model, prompt, length, threshold, kl_threshold, history_length):
    tokens = np.array(prompt + [goldens.MASK] * length)
    history = np.zeros((len(tokens), history_length))
    before = np.zeros((len(tokens), goldens.VOCABULARY))
    passes, margin, early = 0, 1.0, 0
    while (tokens == goldens.MASK).any():
        now = chances(model, tokens)
        now[:, goldens.MASK] = 0  # the library never writes the mask
        now /= now.sum(-1, keepdims=True)
        divergence = (now * (np.log(now + 1e-12) - np.log(before + 1e-12))).sum(-1)
        history = np.concatenate([history[:, 1:], divergence[:, None]], 1)
        stable = (history < kl_threshold).all(-1)
        still = [p for p in range(len(prompt), len(tokens)) if tokens[p] == goldens.MASK]
        ordered = np.sort(now, -1)
        for p in still:
            margin = min(margin, abs(float(ordered[p, -1]) - threshold), abs(float(divergence[p]) - kl_threshold) * 10)
        chosen = [p for p in still if stable[p] and now[p].max() >= threshold]
        early += len(chosen)
        if not chosen:
            ranked = sorted(still, key=lambda p: -now[p].max())
            if len(ranked) > 1:
                margin = min(margin, float(now[ranked[0]].max() - now[ranked[1]].max()))
            chosen = ranked[:1]
        for p in chosen:
            margin = min(margin, float(ordered[p, -1] - ordered[p, -2]))
            tokens[p] = now[p].argmax()
        before = now
        passes += 1
    return tokens[len(prompt) :], passes, margin, early


def main():
    model, draw = goldens.MODELS["a2d-qwen2"], np.random.default_rng(9)
    lines = []
    for threshold, kl, length in ((0.3, 0.05, 2), (0.2, 0.2, 2), (0.5, 0.1, 1), (0.1, 0.5, 3)):
        for attempt in range(4000):
            prompt = draw.integers(0, 88, 9).tolist()
            decoded, passes, margin, early = klass(model, prompt, 16, threshold, kl, length)
            if margin > 2e-4 and early > 1:
                break
        else:
            raise SystemExit("no decisive prompt")
        lines.append(f"{threshold},{kl},{length} | {','.join(map(str, prompt))} | {','.join(map(str, decoded))} | {passes}")
    with open(os.path.join(HERE, "klass.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
