"""Texts from sparsed's own text making, which runs beside the training in several Java processes."""

import collections
import concurrent.futures
import contextlib
import struct
import subprocess

import numpy
import torch

# What a producer is asked for ahead, so that none waits.
AHEAD = 3


class Batch:
    """Tokens and positions [B, S]; masked places, their targets and weights [P]."""

    def __init__(self, tokens, positions, places, targets, weights):
        self.parts = (tokens, positions, places, targets, weights)

    def tokens(self):
        """How many there are."""
        return self.parts[0].numel()

    def pinned(self):
        return Batch(*(part.pin_memory() for part in self.parts))

    def to(self, device):
        return tuple(part.to(device, non_blocking=True) for part in self.parts)


class Producer:
    """One Java process, and a thread that waits for it."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.thread = concurrent.futures.ThreadPoolExecutor(1)

    def ask(self, request, pin):
        return self.thread.submit(self._fetch, request, pin)

    def _fetch(self, request, pin):
        self.process.stdin.write(f"{request}\n".encode())
        self.process.stdin.flush()
        rows, length, masked = struct.unpack("<iii", self._read(12))
        tokens = self._array("<u2", rows * length).reshape(rows, length)
        positions = self._array("<u2", rows * length).reshape(rows, length)
        places = self._array("<i4", masked)
        targets = self._array("<u2", masked)
        weights = self._array("<f4", masked)
        batch = Batch(
            torch.from_numpy(tokens.astype(numpy.int32)),
            torch.from_numpy(positions.astype(numpy.int32)),
            torch.from_numpy(places.astype(numpy.int32)),
            torch.from_numpy(targets.astype(numpy.int64)),
            torch.from_numpy(weights.astype(numpy.float32)),
        )
        return batch.pinned() if pin else batch

    def _array(self, kind, count):
        return numpy.frombuffer(self._read(count * numpy.dtype(kind).itemsize), kind)

    def _read(self, count):
        data = self.process.stdout.read(count)
        if len(data) != count:
            raise RuntimeError(f"a text producer ended with status {self.process.wait()}")
        return data

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.thread.shutdown(wait=False, cancel_futures=True)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Texts:
    """Batches of consecutive steps, step k from producer k mod n."""

    def __init__(self, command, producers, first_step, pin):
        self.producers = [Producer(command) for _ in range(producers)]
        self.pin = pin
        self.next_step = first_step
        self.waiting = collections.deque()

    def next(self, stage):
        """The next step's batch and stage; batches that are asked for now are of the given stage.

        `stage` maps a step to the index of its stage.
        """
        while len(self.waiting) < AHEAD * len(self.producers):
            step = self.next_step
            index = stage(step)
            if index is None:
                break
            producer = self.producers[step % len(self.producers)]
            self.waiting.append((index, producer.ask(f"step {index} {step}", self.pin)))
            self.next_step += 1
        if not self.waiting:
            return None
        index, batch = self.waiting.popleft()
        return index, batch.result()

    def questions(self, task, length, count):
        """Questions of the exam, their answers masked whole."""
        producer = self.producers[hash((task, length)) % len(self.producers)]
        return producer.ask(f"exam {task} {length} {count}", self.pin)

    def close(self):
        for producer in self.producers:
            producer.close()
