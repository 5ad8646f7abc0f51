"""Trains sparsed's demo model on a GPU by its recipe; see README.md."""

import argparse
import json
import math
import os
import pathlib
import sys
import time
import traceback

import torch
import torch.nn.functional as F

import checkpoint
from exam import Exam
from network import Network
from optimizer import Optimizer
from schedule import BySteps, ByTime
from texts import Texts

HERE = pathlib.Path(__file__).resolve().parent
REPORT_SECONDS = 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder of the training")
    parser.add_argument("--start", type=pathlib.Path, default=HERE / "start", help="checkpoint to start from")
    parser.add_argument("--recipe", type=pathlib.Path, help="default: recipe.json beside the start")
    parser.add_argument("--seconds", type=float, help="spread the recipe over this time instead of its steps")
    parser.add_argument("--save-every", type=float, default=30, help="seconds between saves")
    parser.add_argument("--exam-lengths", default="512,2048,4096", help="of the exams; empty for none")
    parser.add_argument("--exam-questions", type=int, default=32, help="per task and length, in between")
    parser.add_argument("--last-questions", type=int, default=100, help="per task and length, at the end")
    parser.add_argument("--producers", type=int, help="Java processes that make texts")
    parser.add_argument("--no-compile", action="store_true", help="do not fuse operations")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def java():
    """Starts the text making, without the recipe's path."""
    jars = os.pathsep.join(str(jar) for jar in sorted((HERE / "lib").glob("*.jar")))
    own = HERE / "runtime/bin/java"
    options = ["-XX:+UseSerialGC", "-Xmx512m", "-XX:TieredStopAtLevel=1"]
    return [str(own), *options, "-cp", jars, "dev.sparsed.demo.TextStream"]


class Training:
    def __init__(self, options):
        self.options = options
        self.device = torch.device(options.device)
        self.cuda = self.device.type == "cuda"
        self.output = options.output
        self.output.mkdir(parents=True, exist_ok=True)
        self.begun = time.monotonic()
        recipe_file = options.recipe or options.start / "recipe.json"
        self.recipe = json.loads(recipe_file.read_text())
        command = [*java(), str(recipe_file.resolve())]
        producers = options.producers or max(1, min(8, (os.cpu_count() or 1) - 2))
        dtype = torch.bfloat16 if self.cuda else torch.float32
        start = checkpoint.load(options.start)
        self.network = Network(self.recipe["shape"], start, self.device, dtype)
        self.optimizer = Optimizer(self.network.parameters)
        self.step, self.tokens = 0, 0
        if checkpoint.has_state(self.output):
            self.step, self.tokens = checkpoint.load_state(self.output, self.network, self.optimizer)
        # With a time to be kept the schedule begins anew.
        self.texts = Texts(command, producers, self.step, self.cuda)
        config = json.loads((options.start / "config.json").read_text())
        words = checkpoint.words(options.start)
        self.exam = Exam(self.network, self.texts, self.device, config["mask_token_id"], words)
        self.lengths = [int(length) for length in options.exam_lengths.split(",") if length]
        self.steps = [0] * len(self.recipe["stages"])

    def train(self):
        options = self.options
        if not options.no_compile and self.cuda:
            self._compile()
        if options.seconds is None:
            schedule = BySteps(self.recipe)
        else:
            schedule = ByTime(self.recipe, options.seconds - (time.monotonic() - self.begun))
        saved = time.monotonic()
        since = Since()
        stage = 0
        while not schedule.over() and (drawn := self.texts.next(schedule.stage)) is not None:
            index, batch = drawn
            if index != stage:
                self._report(schedule, stage, since, self._ask(options.exam_questions))
                since = Since()
            stage = index
            since.add(self._step(batch, schedule.rate(index, self.step)), batch)
            self.steps[index] += 1
            self.step += 1
            self.tokens += batch.tokens()
            if since.seconds() > REPORT_SECONDS:
                loss = self._report(schedule, stage, since, {})
                since = Since()
                if not math.isfinite(loss):
                    self._restore()
                elif time.monotonic() - saved > options.save_every:
                    self._save(schedule)
                    saved = time.monotonic()
        self._save(schedule)
        self._report(schedule, stage, since, self._ask(options.last_questions, 2.0))

    def close(self):
        self.texts.close()

    def _step(self, batch, rate):
        tokens, positions, places, targets, weights = batch.to(self.device)
        loss = self._loss(tokens, positions, places, targets, weights)
        loss.backward()
        self.optimizer.step(self.step, rate)
        return loss.detach()

    def _loss(self, tokens, positions, places, targets, weights):
        logits = self.network.logits(tokens, positions, places)
        losses = F.cross_entropy(logits, targets, reduction="none")
        return (losses * weights).sum() / weights.sum()

    def _compile(self):
        """Tries to fuse operations, for every number of tokens that a stage has; none where it fails."""
        self.network.compile()
        try:
            for tokens in sorted({stage["tokens"] for stage in self.recipe["stages"]}):
                for length in sorted({int(l) for s in self.recipe["stages"] for l in s["lengths"]}):
                    rows = max(1, tokens // length)
                    ids = torch.zeros(rows, length, dtype=torch.int32, device=self.device)
                    positions = torch.arange(length, dtype=torch.int32, device=self.device)
                    places = torch.arange(100, dtype=torch.int32, device=self.device)
                    targets = torch.ones(100, dtype=torch.int64, device=self.device)
                    weights = torch.ones(100, device=self.device)
                    positions = positions.expand(rows, length).contiguous()
                    self._loss(ids, positions, places, targets, weights).backward()
            torch.cuda.synchronize()
        except Exception:
            traceback.print_exc()
            print("goes on without fusing", file=sys.stderr, flush=True)
            self.network.eager()
        for value in self.network.parameters.values():
            value.grad = None
        self._say(f"fused after {time.monotonic() - self.begun:.1f} s")

    def _ask(self, questions, sure=0.9):
        if not self.lengths or not questions:
            return {}
        return self.exam.right_shares(self.lengths, questions, sure)

    def _save(self, schedule):
        checkpoint.save_model(self.output, self.options.start, self.network)
        checkpoint.save_state(self.output, self.network, self.optimizer, [self.step, self.tokens])
        recipe = json.dumps(schedule.made(self.steps), indent=1)
        checkpoint.whole(self.output / "recipe.json", checkpoint.text(recipe))

    def _restore(self):
        """Goes back to the weights that were saved last; the texts and the rate go on."""
        if not checkpoint.has_state(self.output):
            raise RuntimeError("the loss is no number before anything was saved; lower the learning rate")
        checkpoint.load_state(self.output, self.network, self.optimizer)

    def _report(self, schedule, stage, since, right):
        loss = torch.stack(since.losses).mean().item() if since.losses else None
        report = {
            "step": self.step,
            "totalSteps": schedule.total(),
            "stage": self.recipe["stages"][stage]["name"],
            "tokens": self.tokens,
            "seconds": round(time.monotonic() - self.begun, 2),
            "loss": loss,
            "rate": schedule.rate(stage, self.step),
            "tokensPerSecond": round(since.tokens / since.seconds()),
            "right": right,
        }
        line = json.dumps(report)
        with open(self.output / "log.jsonl", "a") as log:
            log.write(line + "\n")
        self._say(line)
        return loss

    def _say(self, line):
        print(line, flush=True)


class Since:
    """What was done since the last report."""

    def __init__(self):
        self.begun = time.monotonic()
        self.losses = []
        self.tokens = 0

    def add(self, loss, batch):
        self.losses.append(loss)
        self.tokens += batch.tokens()

    def seconds(self):
        return time.monotonic() - self.begun


def main():
    torch.set_float32_matmul_precision("high")
    training = Training(arguments())
    try:
        training.train()
    finally:
        training.close()


if __name__ == "__main__":
    main()
