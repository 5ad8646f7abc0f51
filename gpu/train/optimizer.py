"""Muon for the matrices of the blocks, Adam for everything else, as sparsed's DemoOptimizer does."""

import math

import torch

MOMENTUM = 0.95
FIRST_DECAY = 0.9
SECOND_DECAY = 0.98
TINY = 1e-8
ITERATIONS = 5
LARGEST_GRADIENT = 1.0


def orthogonal(matrices):
    """Brings all singular values of matrices [N, rows, columns] near 1."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + TINY)
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.mT if tall else x


class Optimizer:
    def __init__(self, parameters):
        self.parameters = parameters
        self.first = {key: torch.zeros_like(value) for key, value in parameters.items()}
        self.others = [key for key in parameters if "_proj" not in key and "_out" not in key]
        self.second = {key: torch.zeros_like(parameters[key]) for key in self.others}
        self.groups = {}
        for key, value in parameters.items():
            if key not in self.second:
                self.groups.setdefault(tuple(value.shape), []).append(key)

    @torch.no_grad()
    def step(self, step, rate):
        """Changes the parameters by their gradients, after so many steps, and forgets these."""
        gradients = {key: value.grad for key, value in self.parameters.items()}
        torch.nn.utils.clip_grad_norm_(list(self.parameters.values()), LARGEST_GRADIENT, foreach=True)
        for shape, keys in self.groups.items():
            self._muon(shape, keys, gradients, rate)
        self._adam(gradients, step + 1, rate)
        for value in self.parameters.values():
            value.grad = None

    def _muon(self, shape, keys, gradients, rate):
        momenta = [self.first[key] for key in keys]
        news = [gradients[key] for key in keys]
        torch._foreach_mul_(momenta, MOMENTUM)
        torch._foreach_add_(momenta, news)
        update = orthogonal(torch.stack(news) + MOMENTUM * torch.stack(momenta))
        size = 0.2 * math.sqrt(max(shape))
        torch._foreach_add_(
            [self.parameters[key].detach() for key in keys], list(update.unbind(0)), alpha=-rate * size
        )

    def _adam(self, gradients, step, rate):
        news = [gradients[key] for key in self.others]
        first = [self.first[key] for key in self.others]
        second = [self.second[key] for key in self.others]
        torch._foreach_lerp_(first, news, 1 - FIRST_DECAY)
        torch._foreach_mul_(second, SECOND_DECAY)
        torch._foreach_addcmul_(second, news, news, 1 - SECOND_DECAY)
        roots = torch._foreach_div(second, 1 - SECOND_DECAY**step)
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, TINY)
        torch._foreach_addcdiv_(
            [self.parameters[key].detach() for key in self.others],
            first, roots, value=-rate / (1 - FIRST_DECAY**step),
        )
