"""What exists so that a PyTorch script imports: old names, other addresses, advice.

The modules that PyTorch keeps at its top level (`torch.cuda`, `torch.linalg`, …) are in `top`.
"""
