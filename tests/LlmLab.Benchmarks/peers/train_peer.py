"""A plain PyTorch training loop in nanoGPT's configurations: the peer that LlmLab's training speed is compared with.

Run with Debian's python3-torch and libopenblas0-openmp, OMP_NUM_THREADS set by the caller. Prints one JSON line.
usage: train_peer.py TEXT {char-cpu,char-384} STEPS
"""
import json, math, sys, time
import torch
import torch.nn.functional as F
from torch import nn

RECIPES = {  # layers, heads, width, context, batch, learning rate, its floor, dropout
    "char-cpu": (4, 4, 128, 64, 12, 1e-3, 1e-4, 0.0),
    "char-384": (6, 6, 384, 256, 64, 1e-3, 1e-4, 0.0),
}


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.layer_norm(x, self.gain.shape, self.gain, None, 1e-5)


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = Norm(width), Norm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.register_buffer("allowed", torch.tril(torch.ones(context, context)).bool().view(1, 1, context, context))

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = (t.view(batch, time_, self.heads, width // self.heads).transpose(1, 2)
                   for t in self.qkv(self.before_attention(x)).split(width, dim=2))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(k.size(-1))
        scores = scores.masked_fill(~self.allowed[:, :, :time_, :time_], float("-inf"))
        mixed = (F.softmax(scores, dim=-1) @ v).transpose(1, 2).contiguous().view(batch, time_, width)
        x = x + self.attention_out(mixed)
        return x + self.down(F.gelu(self.up(self.before_mlp(x))))


class Transformer(nn.Module):
    def __init__(self, vocabulary, layers, heads, width, context):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, context) for _ in range(layers))
        self.last = Norm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.tokens.weight = self.head.weight
        for name, p in self.named_parameters():
            if p.dim() == 2:
                scaled = name.endswith(("attention_out.weight", "down.weight"))
                nn.init.normal_(p, 0.0, 0.02 / math.sqrt(2 * layers) if scaled else 0.02)

    def forward(self, ids, targets):
        x = self.tokens(ids) + self.positions(torch.arange(ids.size(1)))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.last(x))
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))


def main():
    path, recipe, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    layers, heads, width, context, batch, rate, floor, _ = RECIPES[recipe]
    torch.manual_seed(1337)
    text = open(path, encoding="utf-8").read()
    ids = {c: i for i, c in enumerate(sorted(set(text)))}
    data = torch.tensor([ids[c] for c in text])
    train, validation = data[: int(0.9 * len(data))], data[int(0.9 * len(data)):]
    model = Transformer(len(ids), layers, heads, width, context)
    optimizer = torch.optim.AdamW([
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0}], lr=rate, betas=(0.9, 0.99))
    warmup, times, begin = 100, [], time.perf_counter()
    for step in range(steps):
        started = time.perf_counter()
        share = min(1.0, (step - warmup) / max(1, steps - warmup))
        now = rate * (step + 1) / (warmup + 1) if step < warmup else floor + 0.5 * (1 + math.cos(math.pi * share)) * (rate - floor)
        for group in optimizer.param_groups:
            group["lr"] = now
        at = torch.randint(len(train) - context, (batch,))
        x = torch.stack([train[i:i + context] for i in at])
        y = torch.stack([train[i + 1:i + 1 + context] for i in at])
        loss = model(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        times.append(time.perf_counter() - started)
    seconds = time.perf_counter() - begin
    with torch.no_grad():
        windows = (len(validation) - 1) // context
        x, y = validation[: windows * context].view(-1, context), validation[1: windows * context + 1].view(-1, context)
        losses = [model(a, b).item() * len(a) for a, b in zip(x.split(64), y.split(64))]
    median = sorted(times)[len(times) // 2]
    memory = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
    print(json.dumps({"recipe": recipe, "steps": steps, "seconds": seconds, "medianStepSeconds": median,
                      "tokensPerSecond": batch * context / median, "validationLoss": sum(losses) / windows,
                      "peakMemoryBytes": memory, "threads": torch.get_num_threads(), "torch": torch.__version__}))


main()
