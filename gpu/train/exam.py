"""Asks a network in training what sparsed's exam asks, and counts the right answers."""

import torch

TASKS = ("single_needle", "multi_key", "multi_value", "variable_tracking")
# Tokens of a forward pass at most.
MOST_TOKENS = 1 << 19


class Exam:
    def __init__(self, network, texts, device, mask, words):
        """`words` are the tokens' texts, without the space before them."""
        self.network = network
        self.texts = texts
        self.device = device
        self.mask = mask
        self.words = words

    def right_shares(self, lengths, count, sure):
        """Shares of right answers by task and length.

        At each pass the surest masked token is taken, and all that are surer than `sure`.
        """
        asked = {
            f"{task}_{length}": (task, self.texts.questions(task, length, count))
            for task in TASKS
            for length in lengths
        }
        return {
            label: self._right(task, batch.result(), sure) for label, (task, batch) in asked.items()
        }

    def _right(self, task, batch, sure):
        tokens, positions, places, targets, _ = batch.to(self.device)
        rows, length = tokens.shape
        wanted = tokens.reshape(-1).clone()
        wanted[places.long()] = targets.int()
        wanted = wanted.view(rows, length)
        width = int((tokens == self.mask).sum(1).max())
        step = max(1, MOST_TOKENS // length)
        answers = torch.cat(
            [
                self._answer(tokens[i : i + step].clone(), positions[i : i + step], width, sure)
                for i in range(0, rows, step)
            ]
        ).tolist()
        wanted = wanted[:, length - width :].tolist()
        firsts = (tokens[:, length - width :] == self.mask).int().argmax(1).tolist()
        return (
            sum(self._is_right(task, a[i:], w[i:]) for a, w, i in zip(answers, wanted, firsts)) / rows
        )

    @torch.no_grad()
    def _answer(self, tokens, positions, width, sure):
        """The last `width` tokens of each row when none is masked any more."""
        rows, length = tokens.shape
        columns = torch.arange(length - width, length, device=self.device)
        starts = torch.arange(rows, device=self.device)[:, None] * length
        places = (starts + columns).reshape(-1).int()
        end = tokens[:, length - width :]
        while True:
            masked = end == self.mask
            if not bool(masked.any()):
                return end
            logits = self.network.logits(tokens, positions, places, fused=False)
            logits[:, self.mask] = -torch.inf
            sureness, guesses = logits.softmax(-1).max(-1)
            sureness = sureness.view(rows, width).masked_fill(~masked, -1)
            taken = masked & (sureness > sure)
            taken |= masked & (sureness == sureness.max(1, keepdim=True).values)
            end[taken] = guesses.view(rows, width)[taken].int()

    def _is_right(self, task, answer, wanted):
        if task != "multi_value":
            return answer == wanted
        return sorted(self._sentences(answer)) == sorted(self._sentences(wanted))

    def _sentences(self, tokens):
        sentences = [[]]
        for token in tokens:
            sentences[-1].append(self.words[token])
            if self.words[token] == ".":
                sentences.append([])
        return sentences
