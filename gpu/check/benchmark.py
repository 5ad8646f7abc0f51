"""Times sparsed's CUDA kernels and PyTorch's attention in one run and prints a Markdown table.

Usage: benchmark.py JAVA_COMMAND...   The command, with "bench" added, answers one line per
measurement (see GpuCheck.java). Inputs are random and fresh;
FlexAttention gets the very block mask that sparsed selected, at the mask's own block size or, where
it refuses that, as tiles of 128 with a mask inside; the reason is printed. Both sides are timed with
CUDA events. Rates count the selected area only.
"""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import BlockMask, flex_attention

MODELS = {"Dream": (28, 4), "LLaDA": (32, 32)}
LENGTHS = [4096, 8192, 16384, 32768, 65536]
HEAD_DIM = 128
FLEX_TILE = 128
REPETITIONS = 3


def milliseconds(call):
    call()
    torch.cuda.synchronize()
    times = []
    while len(times) < 3 or sum(times) < 50:
        start = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        start.record()
        call()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def attempt(call):
    """A measurement, or the reason there is none."""
    try:
        return statistics.median(milliseconds(call) for _ in range(REPETITIONS))
    except Exception as e:  # an unsupported shape is a result too
        print(f"  not measured: {type(e).__name__}: {str(e).splitlines()[0]}", file=sys.stderr)
        return None


def torch_times(heads, kv_heads, length, block, mask):
    shapes = [(1, heads, length, HEAD_DIM)] + [(1, kv_heads, length, HEAD_DIM)] * 2
    q, k, v = (torch.randn(s, device="cuda", dtype=torch.bfloat16) for s in shapes)
    result = {}
    for name, backend in [
        ("flash", SDPBackend.FLASH_ATTENTION),
        ("cuDNN", SDPBackend.CUDNN_ATTENTION),
    ]:
        def dense():
            with sdpa_kernel(backend):
                torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)

        result[name] = attempt(dense)
    cells = torch.frombuffer(bytearray(open(mask, "rb").read()), dtype=torch.uint8)
    blocks = -(-length // block)
    cells = cells.view(1, heads, blocks, blocks).cuda()
    result["Flex"] = flex_time(q, k, v, cells, block)
    return result


def flex_time(q, k, v, cells, block):
    """FlexAttention with the mask's own blocks, or with tiles of 128 that hold any of them."""
    torch._dynamo.reset()  # a graph per shape: no recompilation limit, no dynamic shapes
    compiled = torch.compile(flex_attention, dynamic=False)
    gqa = q.size(1) != k.size(1)
    options = {"BLOCK_M": block, "BLOCK_N": block} if block < FLEX_TILE else None
    whole = block_mask(cells, block, full=True)
    time = attempt(
        lambda: compiled(q, k, v, block_mask=whole, enable_gqa=gqa, kernel_options=options)
    )
    if time is not None or block == FLEX_TILE:
        return time
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


def main():
    java = subprocess.Popen(
        sys.argv[1:] + ["bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}")
    print("Times in ms, medians; bf16, D=128.\n")
    columns = ["model", "S", "b", "select", "density", "dense", "cuDNN", "sparse", "selection",
               "TFLOP/s", "torch flash", "torch cuDNN", "Flex", "Flex/sparse"]
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        mask = os.path.join(folder, "mask")
        for (model, (heads, kv)), length, block, select in itertools.product(
            MODELS.items(), LENGTHS, [128, 64, 32], [0.3, 0.1]
        ):
            java.stdin.write(
                f"{heads} {kv} {length} {HEAD_DIM} {block} {select} {REPETITIONS} {mask}\n"
            )
            java.stdin.flush()
            answer = java.stdout.readline().split()
            if len(answer) != 5:
                sys.exit("the Java side ended; its message is above")
            own_cudnn = None if answer[1] == "-" else float(answer.pop(1))
            dense, sparse, selection, density = (float(a) for a in answer if a != "-")
            other = torch_times(heads, kv, length, block, mask)
            rate = 4 * heads * length * length * HEAD_DIM * density / sparse / 1e9
            ratio = other["Flex"] / sparse if other["Flex"] else None
            row = [model, str(length), str(block), str(select), cell(density), cell(dense),
                   cell(own_cudnn), cell(sparse), cell(selection), cell(rate, 0), cell(other["flash"]),
                   cell(other["cuDNN"]), cell(other["Flex"]), cell(ratio, 2)]
            print("| " + " | ".join(row) + " |", flush=True)
    java.stdin.close()
    return java.wait()


if __name__ == "__main__":
    sys.exit(main())
