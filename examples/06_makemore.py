"""6 · More names: a model of characters that makes up names like those it has read.

The problem
    Given the last three letters, which letter comes next? Who can answer that can write: draw a
    letter, append it, ask again, until the end mark "." is drawn.

What you will see
    Counting pairs of letters gives a model already (a bigram table), with a loss to beat. Then a
    network: each letter gets a few numbers of its own (an embedding), which are learnt like any
    weight, so that letters which behave alike come to lie near each other. The idea is Bengio et
    al., A Neural Probabilistic Language Model, 2003.

Run it: python examples/06_makemore.py
"""

import tinygrad_edu as torch
import tinygrad_edu.nn as nn
import tinygrad_edu.nn.functional as F

NAMES = """
ada adam adele agnes aida alan albert alessandra alexander alfred alice alma amalie amelia amina
anders andrea angela anita anna anton ariane arthur astrid august aurora axel barbara beatrice
benedict benjamin bernard bertha bianca boris brigitte bruno camilla carla carlos carmen caroline
cecilia charles charlotte christian clara claudia conrad cornelia cosima daniel daria david deborah
diana dominik dora dorothea edgar edith eduard edwin elena eleonora elias elisabeth elise ella elsa
emil emilia emma eric ernest esther eugen eva fabian felicia felix ferdinand fiona flora florian
frances frank frederik frieda gabriel georg gerda gertrud gilbert gisela gloria greta gustav hanna
hannes harald harriet heidi helena helga henriette henry herman hilda hugo ida ignaz ilona ines
ingrid irene iris isabel isolde ivan jakob jana jasmin jeanne jessica joachim johanna johannes
jonas jonathan josef josephine judith julia julian julius karin karl karoline katharina kilian
klara klaus konstantin lara laura laurin lea lena leo leonard leonora lilian linda lisa lorenz
louisa louise lucia ludwig luisa lukas lydia magdalena magnus manuel marcel margarete maria
marianne marie marina marion marlene marta martin mathilda matthias max maximilian melanie michael
miranda miriam mona monika moritz nadia natalia nele nicholas nicola nina nora norbert olga oliver
olivia oscar otto patricia patrick paul paula pauline peter petra philip pia rachel rafael ralf
ramona rebecca regina renate richard rita robert roland rosa rosalie rosamund rudolf ruth sabine
samuel sandra sara sebastian selma sibylle sigrid silvia simon sofia sonja stefan stella susanna
tabea tamara teresa thea theodor theresa thomas tilda tobias ulrich ursula valentin valerie vera
veronika victor victoria viola vivian walter werner wilhelm wilma xaver yvonne zoe
""".split()

ALPHABET = ".abcdefghijklmnopqrstuvwxyz"  # 0 marks the end, and what comes before a name
NUMBER = {letter: i for i, letter in enumerate(ALPHABET)}
SIZE = len(ALPHABET)

# -------------------------------------------------------------------------------- the examples
# "ada" gives ... → a, ..a → d, .ad → a, ada → . : four questions with their answers.


def examples(names: list[str], context: int) -> tuple[torch.Tensor, torch.Tensor]:
    questions, answers = [], []
    for name in names:
        window = [0] * context
        for letter in name + ".":
            questions.append(window)
            answers.append(NUMBER[letter])
            window = window[1:] + [NUMBER[letter]]
    return torch.tensor(questions), torch.tensor(answers)


# ----------------------------------------------------------------------------------- counting
# p(next | last) is how often the pair occurred. One is added to every count, so that no pair is
# impossible, which would cost an infinite loss the first time it turns up.


def bigram_loss(names: list[str]) -> float:
    last, following = examples(names, context=1)
    counts = torch.ones(SIZE, SIZE)
    for a, b in zip(last[:, 0], following):
        counts[a, b] += 1
    p = counts / counts.sum(1, keepdim=True)
    return -p[last[:, 0], following].log().mean().item()


# ------------------------------------------------------------------------------- the network


class Network(nn.Module):
    """Embeddings of the context, side by side, through one hidden layer, to a score a letter."""

    def __init__(self, context: int = 3, embedding: int = 10, hidden: int = 100) -> None:
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(SIZE, embedding)
        self.hidden = nn.Linear(context * embedding, hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)  # keeps tanh where it has a slope
        self.score = nn.Linear(hidden, SIZE)
        with torch.no_grad():
            self.score.weight *= 0.1  # begin unsure: a loss near log 27 = 3.3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embed(x).view(x.shape[0], -1)
        return self.score(torch.tanh(self.norm(self.hidden(x))))


def train(model: Network, names: list[str], steps: int) -> list[float]:
    x, y = examples(names, model.context)
    losses = []
    for step in range(steps):
        batch = torch.randint(0, len(x), (64,))
        loss = F.cross_entropy(model(x[batch]), y[batch])
        model.zero_grad()
        loss.backward()
        rate = 0.1 if step < 0.7 * steps else 0.01
        with torch.no_grad():
            for parameter in model.parameters():  # what an optimiser's step() does
                parameter -= rate * parameter.grad
        losses.append(loss.item())
        if (step + 1) % max(1, steps // 5) == 0:
            recent = losses[-max(1, steps // 5) :]
            print(f"  step {step + 1:5}  loss {sum(recent) / len(recent):.4f}")
    return losses


@torch.no_grad()
def write(model: Network, generator: torch.Generator) -> str:
    """One name, letter by letter."""
    model.eval()
    window, name = [0] * model.context, ""
    while len(name) < 20:
        p = F.softmax(model(torch.tensor([window])), dim=1)
        drawn = int(torch.multinomial(p, 1, generator=generator))
        if drawn == 0:
            break
        name += ALPHABET[drawn]
        window = window[1:] + [drawn]
    return name


def main(steps: int = 5000, seed: int = 0, names: int = 10) -> list[float]:
    print(f"{len(NAMES)} names; counting pairs of letters: loss {bigram_loss(NAMES):.4f}")
    torch.manual_seed(seed)
    model = Network()
    losses = train(model, NAMES, steps)
    generator = torch.Generator().manual_seed(seed)
    written = [write(model, generator) for _ in range(names)]
    print(
        "made up:", ", ".join(n + ("*" if n in NAMES else "") for n in written), "(* read before)"
    )
    return losses


if __name__ == "__main__":
    main()

# ------------------------------------------------------------------------------- what to try next
# * Network(context=5): more memory, more weights. When does it only learn the list by heart?
# * Hold out every tenth name and report the loss on those. Draw both losses over the steps.
# * Leave out `norm`, and start the scores large: what does the first loss tell you?
