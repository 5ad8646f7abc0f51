"""LLaDA's network in PyTorch, as little of it as training needs.

Parameters are a dictionary under their names in a checkpoint, float32. Between the attentions the
network works on flattened tokens [T, width], so that texts of any length have the same shapes there.
"""

import torch
import torch.nn.functional as F

EPSILON = 1e-5
MOST_POSITIONS = 4096


def name(parameter):
    return f"model.transformer.{parameter}.weight"


def before_attention(hidden, cosine, sine, gain, query, key, value, heads, dtype):
    """Queries, keys and values [T, heads, D] of hidden states [T, width], turned by [T, 1, D / 2]."""
    width = hidden.shape[-1]
    states = F.rms_norm(hidden, (width,), gain, EPSILON).to(dtype)
    weight = torch.cat((query, key, value)).to(dtype)
    states = F.linear(states, weight).view(-1, 3, heads, width // heads)
    query, key, value = states.unbind(1)
    return turn(query, cosine, sine).to(dtype), turn(key, cosine, sine).to(dtype), value


def turn(states, cosine, sine):
    """Turns the rotary pairs, which are the halves of the last dimension, in float32."""
    first, second = states.float().chunk(2, -1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)


def after_attention(hidden, attended, out, gain, gate, up, down, dtype):
    """Adds what attention [T, width] and the feed-forward part tell to hidden states [T, width]."""
    hidden = hidden + F.linear(attended, out.to(dtype))
    states = F.rms_norm(hidden, (hidden.shape[-1],), gain, EPSILON).to(dtype)
    inner = F.silu(F.linear(states, gate.to(dtype))) * F.linear(states, up.to(dtype))
    return hidden + F.linear(inner, down.to(dtype))


class Network:
    """Parameters and how logits come from them."""

    def __init__(self, shape, parameters, device, dtype):
        self.shape = shape
        self.dtype = dtype
        self.parameters = {
            key: value.to(device, torch.float32).clone().requires_grad_(True)
            for key, value in parameters.items()
        }
        dimension = shape["width"] // shape["heads"]
        pairs = torch.arange(dimension // 2, dtype=torch.float64)
        frequency = shape["rotaryBase"] ** (-2 * pairs / dimension)
        angles = torch.arange(MOST_POSITIONS, dtype=torch.float64)[:, None] * frequency
        self.cosine = angles.cos().float().to(device)
        self.sine = angles.sin().float().to(device)
        self.before, self.after = before_attention, after_attention

    def compile(self):
        """Fuses what stands between the attentions; the first step then takes some seconds more."""
        self.before = torch.compile(before_attention, dynamic=False)
        self.after = torch.compile(after_attention, dynamic=False)

    def eager(self):
        """Leaves the parts between the attentions as they are."""
        self.before, self.after = before_attention, after_attention

    def logits(self, tokens, positions, places, fused=True):
        """Logits [P, vocabulary], float32, at indices [P] of the flattened tokens [B, S]."""
        before = self.before if fused else before_attention
        after = self.after if fused else after_attention
        rows, length = tokens.shape
        width, heads = self.shape["width"], self.shape["heads"]
        split = (rows, length, heads, width // heads)
        flat = positions.reshape(-1)
        cosine = self.cosine.index_select(0, flat).unsqueeze(1)
        sine = self.sine.index_select(0, flat).unsqueeze(1)
        hidden = F.embedding(tokens.reshape(-1), self._weight("wte"))
        for layer in range(self.shape["layers"]):
            block = lambda part: self._weight(f"blocks.{layer}.{part}")
            parts = before(
                hidden, cosine, sine, block("attn_norm"),
                block("q_proj"), block("k_proj"), block("v_proj"), heads, self.dtype,
            )
            query, key, value = (part.view(split).transpose(1, 2) for part in parts)
            attended = F.scaled_dot_product_attention(query, key, value)
            attended = attended.transpose(1, 2).reshape(-1, width)
            hidden = after(
                hidden, attended, block("attn_out"), block("ff_norm"),
                block("ff_proj"), block("up_proj"), block("ff_out"), self.dtype,
            )
        read = F.rms_norm(hidden.index_select(0, places), (width,), self._weight("ln_f"), EPSILON)
        return F.linear(read, self._weight("wte"))

    def _weight(self, parameter):
        return self.parameters[name(parameter)]
