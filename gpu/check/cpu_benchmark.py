"""Times sparsed's CPU kernels and PyTorch's attention on the same processor and prints a Markdown table.

Usage: cpu_benchmark.py JAVA_COMMAND...   The command, with KernelBenchmark's options added, prints a
row per size (see KernelBenchmark.java). Both sides get the same shapes and thread counts, one after
the other; a time is the best of three after a first call. What tells most comes first, and each row
is printed as it is done, for a machine that ends commands after some minutes.
"""

import os
import platform
import subprocess
import sys
import time

import torch

HEADS, KV_HEADS, HEAD_DIM = 28, 4, 128
LENGTHS = [8192, 4096, 2048]
TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def torch_seconds(dtype, length, threads):
    torch.set_num_threads(threads)
    shapes = [(1, HEADS, length, HEAD_DIM)] + [(1, KV_HEADS, length, HEAD_DIM)] * 2
    q, k, v = (torch.rand(s).sub_(0.5).to(dtype) for s in shapes)
    best = float("inf")
    for run in range(4):
        start = time.perf_counter()
        torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        if run > 0:
            best = min(best, time.perf_counter() - start)
    return best


def kernel_rows(java, type_name, threads):
    """KernelBenchmark's rows as lists of cells, after its line on the instruction set."""
    output = subprocess.run(
        java + ["dev.sparsed.cpu.KernelBenchmark", "--type", type_name, "--threads", str(threads),
                "--lengths", ",".join(map(str, LENGTHS))],
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout.splitlines()
    print(f"sparsed, {threads} threads: {output[0]}\n", flush=True)
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in output[3:]]


def seconds(cell):
    return float(cell.split()[0])


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    java = sys.argv[1:]
    cores = len(os.sched_getaffinity(0))
    print(f"{processor()}, {cores} processors, PyTorch {torch.__version__}, "
          f"{torch.backends.cpu.get_cpu_capability()}, MKL {torch.backends.mkl.is_available()}")
    print(f"H={HEADS}, Hkv={KV_HEADS}, D={HEAD_DIM}, b=128, random patterns of density 0.3\n")
    header = ["dtype", "S", "threads", "peak", "PyTorch full", "dense", "sparse", "scores",
              "dense+scores", "dense against PyTorch", "sparse against PyTorch"]
    table = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for threads in dict.fromkeys([min(2, cores), cores, 1]):
        for type_name, dtype in TYPES.items():
            for _, _, length, _, peak, dense, sparse, scores, both in kernel_rows(
                java, type_name, threads
            ):
                other = torch_seconds(dtype, int(length), threads)
                row = [type_name, length, str(threads), peak, f"{other:.4f} s", dense, sparse, scores,
                       both, f"{other / seconds(dense):.2f}x", f"{other / seconds(sparse):.2f}x"]
                table.append("| " + " | ".join(row) + " |")
                print(table[-1], flush=True)
    print("\n" + "\n".join(table))


if __name__ == "__main__":
    main()
