"""Which stage a training is in, and its learning rate: by steps, or by a time that is to be kept."""

import copy
import time


class BySteps:
    """Does the steps that the recipe says."""

    def __init__(self, recipe):
        self.recipe = recipe
        self.ends = []
        for stage in recipe["stages"]:
            self.ends.append((self.ends[-1] if self.ends else 0) + stage["steps"])

    def total(self):
        return self.ends[-1]

    def stage(self, step):
        """The index of a step's stage, None at the end."""
        return next((index for index, end in enumerate(self.ends) if step < end), None)

    def over(self):
        return False

    def rate(self, index, step):
        stage = self.recipe["stages"][index]
        return rate(self.recipe, stage, 1 - (self.ends[index] - step) / stage["steps"], step)

    def made(self, steps):
        """The recipe of what was done, which is what was planned."""
        return self.recipe


class ByTime:
    """Spreads the recipe's stages over some seconds, by their tokens; the steps are as many as fit."""

    def __init__(self, recipe, seconds):
        self.recipe = recipe
        costs = [stage["steps"] * stage["tokens"] for stage in recipe["stages"]]
        self.begun = time.monotonic()
        self.seconds = seconds
        self.ends = [seconds * sum(costs[: i + 1]) / sum(costs) for i in range(len(costs))]

    def total(self):
        return 0

    def stage(self, step):
        passed = time.monotonic() - self.begun
        return next((index for index, end in enumerate(self.ends) if passed < end), None)

    def over(self):
        """Whether even batches that were asked for are too late."""
        return time.monotonic() - self.begun >= self.seconds

    def rate(self, index, step):
        begin = self.ends[index - 1] if index else 0
        way = (time.monotonic() - self.begun - begin) / (self.ends[index] - begin)
        return rate(self.recipe, self.recipe["stages"][index], min(1, max(0, way)), step)

    def made(self, steps):
        """The recipe of what was done: with it `train-demo` makes the same steps on the same texts."""
        recipe = copy.deepcopy(self.recipe)
        for stage, count in zip(recipe["stages"], steps):
            stage["steps"] = count
        recipe["stages"] = [stage for stage in recipe["stages"] if stage["steps"]]
        return recipe


def rate(recipe, stage, way, step):
    """The learning rate on the way through a stage, lowered in the first steps of all."""
    even = stage["firstRate"] + way * (stage["lastRate"] - stage["firstRate"])
    return even * min(1, (step + 1) / max(1, recipe["warmupSteps"]))
