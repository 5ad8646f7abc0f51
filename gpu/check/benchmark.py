"""Times sparsed's CUDA kernels and PyTorch's attention in one run and prints a Markdown table.

Usage: benchmark.py [OPTION...] -- JAVA_COMMAND...   The command, with "bench" added, answers one line
per measurement (see GpuBenchmark.java). Rows come in the order of the options' lists, models one
after the other at each size, so that a run that is stopped has measured what tells most.

Inputs are random. FlexAttention gets the very block mask that sparsed selected, at the mask's own
block size or, where it refuses that, as tiles of 128 with a mask inside; the reason is printed. Both
sides are timed with CUDA events around many calls. Rates count the selected area only.
"""

import argparse
import functools
import itertools
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import BlockMask, flex_attention

MODELS = {"Dream": (28, 4), "LLaDA": (32, 32)}
LENGTHS = [8192, 65536, 32768, 16384, 4096]
BLOCKS = [128, 64, 32]
SELECT = [0.3, 0.1]
HEAD_DIM = 128
FLEX_TILE = 128
REPETITIONS = 3
# As in DeviceClock.java.
SAMPLE_MILLISECONDS = 20
MILLISECONDS = 50
MOST_CALLS = 100


def parse_options():
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    parser = argparse.ArgumentParser(prog="check --benchmark")

    def several(name, kind, default, known=None):
        def parse(text):
            values = [kind(value) for value in text.split(",")]
            if known and not set(values) <= set(known):
                raise argparse.ArgumentTypeError(f"not among {', '.join(map(str, known))}: {text}")
            return values

        text = ",".join(map(str, default))
        parser.add_argument(name, type=parse, default=default, metavar="LIST", help=text)

    several("--models", str, list(MODELS), list(MODELS))
    several("--lengths", int, LENGTHS)
    several("--blocks", int, BLOCKS, [16, 32, 64, 128])
    several("--select", float, SELECT)
    parser.add_argument("--minutes", type=float, default=math.inf,
                        help="begin no further row after this time")
    return parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]


def sample(call, calls):
    start = torch.cuda.Event(enable_timing=True)
    end = torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(calls):
        call()
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def milliseconds(call):
    """Of a call: the median of samples, after two calls that do not count."""
    sample(call, 1)
    calls = max(1, min(MOST_CALLS, math.ceil(SAMPLE_MILLISECONDS / sample(call, 1))))
    times = []
    while sum(times) * calls < MILLISECONDS:
        times.append(sample(call, calls) / calls)
    return statistics.median(times)


def attempt(call):
    """A measurement, or the reason there is none."""
    try:
        return statistics.median(milliseconds(call) for _ in range(REPETITIONS))
    except Exception as e:  # an unsupported shape is a result too
        reason = (str(e).splitlines() or [""])[0]
        print(f"  not measured: {type(e).__name__}: {reason}", file=sys.stderr)
        return None


def random_inputs(heads, kv_heads, length):
    shapes = [(1, heads, length, HEAD_DIM)] + [(1, kv_heads, length, HEAD_DIM)] * 2
    return tuple(torch.randn(s, device="cuda", dtype=torch.bfloat16) for s in shapes)


@functools.cache
def full_times(heads, kv_heads, length):
    """PyTorch's own full attention, which knows nothing of blocks."""
    q, k, v = random_inputs(heads, kv_heads, length)

    def dense(backend):
        with sdpa_kernel(backend):
            torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)

    return [attempt(functools.partial(dense, backend))
            for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION)]


def masked_time(heads, kv_heads, length, block, mask):
    with open(mask, "rb") as file:
        cells = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    blocks = -(-length // block)
    cells = cells.view(1, heads, blocks, blocks).cuda()
    return flex_time(*random_inputs(heads, kv_heads, length), cells, block)


def flex_time(q, k, v, cells, block):
    """FlexAttention with the mask's own blocks, or with tiles of 128 that hold any of them."""
    torch._dynamo.reset()  # a graph per shape: no recompilation limit, no dynamic shapes
    compiled = torch.compile(flex_attention, dynamic=False)
    gqa = q.size(1) != k.size(1)
    options = {"BLOCK_M": block, "BLOCK_N": block} if block < FLEX_TILE else None
    whole = block_mask(cells, block, full=True)
    measured = attempt(
        lambda: compiled(q, k, v, block_mask=whole, enable_gqa=gqa, kernel_options=options)
    )
    if measured is not None or block == FLEX_TILE:
        return measured
    print(f"  FlexAttention refuses blocks of {block}: tiles of {FLEX_TILE} instead",
          file=sys.stderr)
    group = FLEX_TILE // block
    tiles = -(-cells.size(-1) // group)
    missing = tiles * group - cells.size(-1)
    padded = torch.nn.functional.pad(cells, (0, missing, 0, missing))
    coarse = padded.view(1, q.size(1), tiles, group, tiles, group).amax(dim=(3, 5))

    def inside(b, h, q_index, k_index):
        return cells[b, h, q_index // block, k_index // block] > 0

    tiled = block_mask(coarse, FLEX_TILE, full=False, mask_mod=inside)
    return attempt(lambda: compiled(q, k, v, block_mask=tiled, enable_gqa=gqa))


def block_mask(cells, block, full, mask_mod=None):
    """Lists of the set cells, the set ones first and ascending; "full" ones need no mask inside."""
    counts = cells.sum(-1, dtype=torch.int32)
    indices = torch.argsort(cells, dim=-1, descending=True, stable=True).to(torch.int32)
    none = torch.zeros_like(counts)
    if full:
        return BlockMask.from_kv_blocks(none, indices, counts, indices, BLOCK_SIZE=block)
    return BlockMask.from_kv_blocks(counts, indices, BLOCK_SIZE=block, mask_mod=mask_mod)


def cell(value, digits=3):
    return "-" if value is None else f"{value:.{digits}f}"


def rows(java, mask, wanted):
    """Measures a row for each size, until the time is over."""
    began = time.monotonic()
    for block, select, length, model in itertools.product(
        wanted.blocks, wanted.select, wanted.lengths, wanted.models
    ):
        size = f"{model}, S={length}, b={block}, select={select}"
        if time.monotonic() - began > wanted.minutes * 60:
            print(f"  not measured, as the time is over: {size} and what follows", file=sys.stderr)
            return
        heads, kv = MODELS[model]
        java.stdin.write(f"{heads} {kv} {length} {HEAD_DIM} {block} {select} {REPETITIONS} {mask}\n")
        java.stdin.flush()
        answer = java.stdout.readline().split()
        if len(answer) != 5:
            sys.exit(f"the Java side ended at {size}; its message is above")
        dense, own_cudnn, sparse, selection, density = (
            None if number == "-" else float(number) for number in answer
        )
        flash, cudnn = full_times(heads, kv, length)
        flex = masked_time(heads, kv, length, block, mask)
        rate = 4 * heads * length * length * HEAD_DIM * density / sparse / 1e9
        yield [model, str(length), str(block), str(select), cell(density), cell(dense),
               cell(own_cudnn), cell(sparse), cell(selection), cell(rate, 0), cell(flash),
               cell(cudnn), cell(flex), cell(flex / sparse if flex else None, 2)]


def main():
    wanted, command = parse_options()
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}")
    print("Times in ms, medians; bf16, D=128.\n")
    columns = ["model", "S", "b", "select", "density", "dense", "cuDNN", "sparse", "selection",
               "TFLOP/s", "torch flash", "torch cuDNN", "Flex", "Flex/sparse"]
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns), flush=True)
    java = subprocess.Popen(
        command + ["bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(java, os.path.join(folder, "mask"), wanted):
            print("| " + " | ".join(row) + " |", flush=True)
    java.stdin.close()
    return java.wait()


if __name__ == "__main__":
    sys.exit(main())
