"""Makes the goldens of stretched rotary frequencies: python3 make.py, with numpy alone, in float64."""
import importlib.util
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
_spec = importlib.util.spec_from_file_location("dense", os.path.join(HERE, "..", "goldens-qwen", "make.py"))
dense = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(dense)

CASES = [
    (10000.0, 64, 2048, None, 100),
    (500000.0, 128, 4096, {"rope_type": "linear", "factor": 4.0}, 16384),
    (1e6, 128, 32768, {"rope_type": "dynamic", "factor": 2.0}, 16384),
    (1e6, 128, 32768, {"rope_type": "dynamic", "factor": 2.0}, 131072),
    (1e6, 32, 64, {"rope_type": "dynamic", "factor": 1.0}, 200),
    (1e6, 128, 32768, {"rope_type": "yarn", "factor": 4.0}, 131072),
    (1e6, 128, 131072, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}, 131072),
    (10000.0, 64, 4096, {"rope_type": "yarn", "factor": 16.0, "beta_fast": 24, "beta_slow": 2, "truncate": False}, 8192),
    (10000.0, 64, 4096, {"rope_type": "yarn", "factor": 40.0, "mscale": 0.707, "mscale_all_dim": 1.0}, 8192),
    (10000.0, 64, 4096, {"rope_type": "yarn", "factor": 8.0, "attention_factor": 0.75}, 8192),
    (10000.0, 16, 4, {"rope_type": "yarn", "factor": 2.0}, 8),
]


def main():
    cases = []
    for base, dimension, positions, scaling, length in CASES:
        frequencies, factor = dense.rotary_frequencies(base, dimension, positions, scaling, length)
        cases.append({"rope_theta": base, "head_dim": dimension, "max_position_embeddings": positions, "rope_scaling": scaling,
                      "length": length, "frequencies": frequencies.tolist(), "attention_factor": float(factor)})
    with open(os.path.join(HERE, "manifest.json"), "w") as file:
        json.dump({"title": "Stretched rotary frequencies", "origin": "make.py beside this file, as transformers computes them, in float64",
                   "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
