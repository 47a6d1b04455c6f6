"""For each kind of mistake: what it means, and where to look. Read by `GradReport.explain`."""

from __future__ import annotations

from typing import Final

__all__ = ["EXPLANATIONS", "STATUS_MEANING"]

EXPLANATIONS: Final[dict[str, str]] = {
    "no gradient": "The rule returns nothing for an input that the output depends on. Add a rule "
    "for it, or "
    "say that it is not differentiable.",
    "not finite": "The derivative exists, but its formula divides by zero or overflows on the way "
    "(0/0, inf - inf). "
    "Rewrite it so that the dangerous part is never computed, not merely masked afterwards.",
    "transposed": "The numbers are right and their order is not. In a product Y = A B the rules "
    "are dA = G B^T and "
    "dB = A^T G; check which factor carries the transpose.",
    "missing broadcast sum": "NumPy stretched the input to the output's shape. Each element was "
    "used many times, "
    "so its gradient is the sum over all its uses: sum over the axes that broadcasting added.",
    "summed over too many axes": "The sum that undoes broadcasting went further than broadcasting "
    "did. A bias of shape "
    "(units,) added to (samples, units) needs a sum over samples alone.",
    "wrong shape": "A gradient has exactly the shape of what it belongs to.",
    "ignores the cotangent": "A rule answers: given dL/dy, what is dL/dx? This one gives dy/dx. "
    "Multiply by g.",
    "added constant": "A term that does not belong to the derivative is added to each element.",
    "not linear in the cotangent": "Backpropagation is linear: twice the incoming gradient must "
    "give twice the "
    "outgoing one. Look for a term without g, for g used twice, for an absolute value.",
    "zero gradient": "Nothing flows back. Look for a detached value, a comparison or a rounding "
    "in the path, a "
    "mask that is never true, or a sum over something that always adds up to zero.",
    "the true gradient is zero": "The function is constant around this point (round, argmax, a "
    "comparison). A rule that "
    "lets gradients through regardless, a straight-through estimate, is a choice and not a "
    "derivative.",
    "wrong sign": "Right but for the sign: gradient ascent instead of descent, or a - b taken for "
    "b - a.",
    "factor": "Right direction, wrong length. A forgotten 2 from a square, a mean taken for a sum "
    "or a sum for a mean, a "
    "parameter applied twice. Training may still work, with another learning rate than the one "
    "you set.",
    "shifted by one": "The values are right and one place off: an index that starts at 1, or a "
    "slice that ends early.",
    "reversed": "The values are right in reversed order: a flip is missing, or there is one too "
    "many.",
    "swapped inputs": "The gradients of two inputs were exchanged. Compare the order of the "
    "returned gradients with the "
    "order of the arguments.",
    "one slice only": "Only one part of the incoming gradient is used where all of it must be "
    "added up.",
    "one slice missing": "A part of the incoming gradient never arrives: a loop or a slice that "
    "stops one early.",
    "coupling ignored": "Each output depends on several inputs (softmax, normalisation), and the "
    "rule keeps only the "
    "derivative of an element by itself. The other terms are missing.",
    "wrong region": "Right in one part of the domain and wrong in another: a branch (x < 0, a "
    "tie, a limit) has the "
    "wrong derivative, or the wrong boundary.",
    "extra factor": "Off by a function of the values: the chain rule lost a link or has one too "
    "many, such as the "
    "derivative of the activation.",
    "derivative left out": "The gradient is handed on unchanged where a function lies between: the "
    "chain rule multiplies by the derivative of every function on the way, the activation and the "
    "loss too. A gradient such as y - t is that of one loss with one activation (cross-entropy "
    "with softmax or sigmoid, half the squared error with none); with another pair it is another.",
    "factor differs along an axis": "Each row or column is off by a factor of its own. Something "
    "that depends on that "
    "axis only, a weight or a normaliser, is missing or doubled.",
    "rounded": "The formula is right, but a float32 intermediate threw half of the digits away.",
    "clipped": "Large gradients are cut off. Clip after the check, in the optimiser.",
    "few elements": "A few places are wrong and all others right: duplicated indices that "
    "overwrite each other, an "
    "edge of a window, the last incomplete block.",
    "unclassified": "The gradient is wrong in no pattern known here. Check the formula term by "
    "term, with inputs of "
    "two elements.",
    "overwritten instead of accumulated": "A value that is used twice gets a gradient from each "
    "use, and they add up. Write grad += contribution, not grad = contribution.",
    "contribution lost": "A value that is used several times gets a gradient from each use, and "
    "they add up. One of them never arrives: a use that the sweep does not visit.",
    "doubled": "A use is visited twice, or the gradient of the last backward is still there: set "
    "it to zero before the next one.",
    "untracked path": "The output depends on the input in a way that backward does not see: a "
    "value left the graph (.data, .detach(), .item(), np.asarray, no_grad) and came back as a "
    "constant. Keep the Tensor; if the value is meant to be constant, compute it outside the "
    "function.",
    "raises": "The rule fails on values that forward accepts. Call it by hand with the shapes that "
    "the message tells.",
    "not repeatable": "Two calls give two answers, so a difference of two calls means nothing. "
    "Draw random numbers "
    "once, outside, and pass them in; keep no counter and no running mean.",
    "writes into its arguments": "The incoming gradient and the inputs belong to others, who read "
    "them after this "
    "rule. Work on a new array: g = g * 2, not g *= 2.",
}

STATUS_MEANING: Final[dict[str, str]] = {
    "PASS": "Every gradient agrees with the function's own values, as closely as both can be "
    "known.",
    "FAIL": "At least one gradient differs from the function's own values by more than rounding "
    "can explain.",
    "INCONCLUSIVE": "Nothing wrong was seen, but an error of the size asked about could not have "
    "been seen either.",
    "NONDETERMINISTIC": "The function gives different values for the same inputs; its gradient "
    "cannot be checked.",
    "INVALID": "The check could not be carried out.",
}
