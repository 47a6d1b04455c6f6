"""The methods of Tensor that are PyTorch's functions: `x.sum()` and `tg.sum(x)` are one object.

A table and nothing else. Each `op_` computes out of place and puts the result into its tensor
(see `views`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..engine.traced import Traced
from ..ops import activation as A
from ..ops import diagonals as D
from ..ops import elementwise as E
from ..ops import factorization as Z
from ..ops import filling as G
from ..ops import linalg as L
from ..ops import matrix_products as Q
from ..ops import memory as N
from ..ops import older_linalg as B
from ..ops import ordering as O
from ..ops import reduction as R
from ..ops import scattering as W
from ..ops import selection as C
from ..ops import shape_in_place as U
from ..ops import shaping as S
from ..ops import solving as V
from ..ops import special as X
from ..ops import statistics as T
from ..ops import type_and_device as K

__all__ = ["Methods"]


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """The form of a function that writes its result into its first argument."""
    name = f"{function.__name__}_"

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._become(function(self, *args, **kwargs), name)

    call.__name__ = name
    return call


def where(self: Any, condition: Any, other: Any) -> Any:
    """This tensor where the condition holds, else `other`."""
    return E.where(condition, self, other)


def in_dtype(name: str) -> Callable[[Any], Any]:
    """A method that casts to one dtype (`x.float()`)."""

    def call(self: Any, *, memory_format: Any = None) -> Any:
        return E.cast(self, name)

    call.__name__ = name
    call.__doc__ = f"In dtype {name}."
    return call


class Methods(Traced):
    """PyTorch's functions as methods."""

    __slots__ = ()

    abs = absolute = E.abs
    acos = arccos = E.acos
    acosh = arccosh = E.acosh
    add = E.add
    asin = arcsin = E.asin
    asinh = arcsinh = E.asinh
    atan = arctan = E.atan
    atan2 = arctan2 = E.atan2
    atanh = arctanh = E.atanh
    bitwise_and = E.bitwise_and
    bitwise_not = E.bitwise_not
    bitwise_or = E.bitwise_or
    bitwise_xor = E.bitwise_xor
    ceil = E.ceil
    clamp = clip = E.clamp
    copysign = E.copysign
    cos = E.cos
    cosh = E.cosh
    deg2rad = E.deg2rad
    div = divide = true_divide = E.div
    eq = E.eq
    erf = E.erf
    exp = E.exp
    exp2 = E.exp2
    expm1 = E.expm1
    floor = E.floor
    floor_divide = E.floor_divide
    fmax = E.fmax
    fmin = E.fmin
    fmod = E.fmod
    ge = greater_equal = E.ge
    gt = greater = E.gt
    hypot = E.hypot
    isfinite = E.isfinite
    isinf = E.isinf
    isnan = E.isnan
    le = less_equal = E.le
    lerp = E.lerp
    log = E.log
    log10 = E.log10
    log1p = E.log1p
    log2 = E.log2
    logaddexp = E.logaddexp
    logical_and = E.logical_and
    logical_not = E.logical_not
    logical_or = E.logical_or
    logical_xor = E.logical_xor
    lt = less = E.lt
    maximum = E.maximum
    minimum = E.minimum
    mul = multiply = E.mul
    ne = not_equal = E.ne
    neg = negative = E.neg
    positive = E.positive
    pow = E.pow
    rad2deg = E.rad2deg
    reciprocal = E.reciprocal
    remainder = E.remainder
    round = E.round
    rsqrt = E.rsqrt
    sign = sgn = E.sign
    signbit = E.signbit
    sin = E.sin
    sinh = E.sinh
    sqrt = E.sqrt
    square = E.square
    sub = subtract = E.sub
    tan = E.tan
    tanh = E.tanh
    trunc = fix = E.trunc
    where = where

    logsigmoid = A.logsigmoid
    hardshrink = A.hardshrink
    prelu = A.prelu
    log_softmax = A.log_softmax
    relu = A.relu
    sigmoid = A.sigmoid
    softmax = A.softmax

    all = R.all
    amax = R.amax
    amin = R.amin
    aminmax = R.aminmax
    any = R.any
    argmax = R.argmax
    argmin = R.argmin
    argsort = R.argsort
    count_nonzero = R.count_nonzero
    cumprod = R.cumprod
    cumsum = R.cumsum
    kthvalue = R.kthvalue
    logsumexp = R.logsumexp
    max = R.max
    mean = R.mean
    median = R.median
    min = R.min
    prod = R.prod
    sort = R.sort
    std = R.std
    sum = R.sum
    topk = R.topk
    var = R.var

    broadcast_to = S.broadcast_to
    chunk = S.chunk
    diagonal = S.diagonal
    expand = S.expand
    flatten = S.flatten
    flip = S.flip
    movedim = moveaxis = S.movedim
    narrow = S.narrow
    permute = S.permute
    ravel = S.ravel
    repeat = S.repeat
    repeat_interleave = S.repeat_interleave
    reshape = S.reshape
    roll = S.roll
    select = S.select
    split = S.split
    squeeze = S.squeeze
    swapaxes = swapdims = S.swapaxes
    t = S.t
    tensor_split = S.tensor_split
    tile = S.tile
    transpose = S.transpose
    unbind = S.unbind
    unflatten = S.unflatten
    unsqueeze = S.unsqueeze
    view = S.view

    addmm = L.addmm
    bmm = L.bmm
    dist = L.dist
    dot = L.dot
    matmul = L.matmul
    mm = L.mm
    mv = L.mv
    outer = ger = L.outer
    trace = D.trace
    tril = D.tril
    triu = D.triu

    gather = C.gather
    index_add = C.index_add
    index_select = C.index_select
    masked_fill = C.masked_fill
    masked_select = C.masked_select
    nonzero = C.nonzero
    scatter = C.scatter
    scatter_add = C.scatter_add
    take_along_dim = C.take_along_dim

    addcdiv = E.addcdiv
    addcmul = E.addcmul
    allclose = E.allclose
    angle = E.angle
    bitwise_left_shift = E.bitwise_left_shift
    bitwise_right_shift = E.bitwise_right_shift
    clamp_max = E.clamp_max
    clamp_min = E.clamp_min
    conj = conj_physical = E.conj
    resolve_conj = resolve_neg = E.resolve_conj
    equal = E.equal
    float_power = E.float_power
    frac = E.frac
    frexp = E.frexp
    heaviside = E.heaviside
    isclose = E.isclose
    isneginf = E.isneginf
    isposinf = E.isposinf
    isreal = E.isreal
    ldexp = E.ldexp
    logaddexp2 = E.logaddexp2
    nan_to_num = E.nan_to_num
    nextafter = E.nextafter
    gcd = E.gcd
    lcm = E.lcm

    dsplit = S.dsplit
    expand_as = S.expand_as
    fliplr = S.fliplr
    flipud = S.flipud
    hsplit = S.hsplit
    reshape_as = S.reshape_as
    rot90 = S.rot90
    split_with_sizes = S.split_with_sizes
    sum_to_size = S.sum_to_size
    view_as = S.view_as
    vsplit = S.vsplit

    addbmm = L.addbmm
    addmv = L.addmv
    addr = L.addr
    baddbmm = L.baddbmm
    inner = L.inner
    vdot = L.vdot

    cholesky = B.cholesky
    cholesky_inverse = V.cholesky_inverse
    cholesky_solve = V.cholesky_solve
    cross = B.cross
    det = V.det
    inverse = V.inv
    logdet = V.logdet
    lu_solve = B.lu_solve
    matrix_exp = Z.matrix_exp
    matrix_power = Q.matrix_power
    norm = B.norm
    pinverse = V.pinv
    qr = B.qr
    slogdet = V.slogdet
    svd = B.svd
    triangular_solve = V.triangular_solve

    digamma = X.digamma
    erfc = X.erfc
    erfinv = X.erfinv
    i0 = X.i0
    lgamma = X.lgamma
    logit = X.logit
    mvlgamma = X.multigammaln
    polygamma = X.polygamma
    sinc = X.sinc
    xlogy = X.xlogy

    diag = D.diag
    diag_embed = D.diag_embed
    diagflat = D.diagflat
    diagonal_scatter = D.diagonal_scatter
    kron = D.kron

    as_strided = W.as_strided
    argwhere = W.argwhere
    index_copy = W.index_copy
    index_fill = W.index_fill
    index_put = W.index_put
    index_reduce = W.index_reduce
    masked_scatter = W.masked_scatter
    put = W.put
    scatter_reduce = W.scatter_reduce
    select_scatter = W.select_scatter
    slice_scatter = W.slice_scatter
    take = W.take
    unfold = W.unfold

    corrcoef = T.corrcoef
    cov = T.cov
    diff = T.diff
    logcumsumexp = T.logcumsumexp
    nanmean = T.nanmean
    nansum = T.nansum
    renorm = T.renorm

    bincount = O.bincount
    cummax = O.cummax
    cummin = O.cummin
    histc = O.histc
    histogram = O.histogram
    isin = O.isin
    mode = O.mode
    msort = O.msort
    nanmedian = O.nanmedian
    nanquantile = O.nanquantile
    quantile = O.quantile
    unique = O.unique
    unique_consecutive = O.unique_consecutive

    bool = in_dtype("bool")
    byte = in_dtype("uint8")
    char = in_dtype("int8")
    double = in_dtype("float64")
    float = in_dtype("float32")
    half = in_dtype("float16")
    int = in_dtype("int32")
    long = in_dtype("int64")
    short = in_dtype("int16")

    abs_ = in_place(E.abs)
    add_ = in_place(E.add)
    ceil_ = in_place(E.ceil)
    clamp_ = clip_ = in_place(E.clamp)
    cos_ = in_place(E.cos)
    div_ = in_place(E.div)
    erf_ = in_place(E.erf)
    exp_ = in_place(E.exp)
    floor_ = in_place(E.floor)
    index_add_ = in_place(C.index_add)
    lerp_ = in_place(E.lerp)
    log_ = in_place(E.log)
    masked_fill_ = in_place(C.masked_fill)
    mul_ = in_place(E.mul)
    neg_ = in_place(E.neg)
    pow_ = in_place(E.pow)
    reciprocal_ = in_place(E.reciprocal)
    relu_ = in_place(A.relu)
    remainder_ = in_place(E.remainder)
    round_ = in_place(E.round)
    rsqrt_ = in_place(E.rsqrt)
    scatter_ = in_place(C.scatter)
    scatter_add_ = in_place(C.scatter_add)
    sigmoid_ = in_place(A.sigmoid)
    sign_ = in_place(E.sign)
    sin_ = in_place(E.sin)
    sqrt_ = in_place(E.sqrt)
    square_ = in_place(E.square)
    sub_ = in_place(E.sub)
    tanh_ = in_place(E.tanh)
    tril_ = in_place(D.tril)
    triu_ = in_place(D.triu)
    trunc_ = in_place(E.trunc)
    absolute_ = in_place(E.absolute)
    acos_ = in_place(E.acos)
    acosh_ = in_place(E.acosh)
    addcdiv_ = in_place(E.addcdiv)
    addcmul_ = in_place(E.addcmul)
    arccos_ = in_place(E.arccos)
    arccosh_ = in_place(E.arccosh)
    arcsin_ = in_place(E.arcsin)
    arcsinh_ = in_place(E.arcsinh)
    arctan_ = in_place(E.arctan)
    arctanh_ = in_place(E.arctanh)
    asin_ = in_place(E.asin)
    asinh_ = in_place(E.asinh)
    atan_ = in_place(E.atan)
    atan2_ = in_place(E.atan2)
    atanh_ = in_place(E.atanh)
    bitwise_and_ = in_place(E.bitwise_and)
    bitwise_not_ = in_place(E.bitwise_not)
    bitwise_or_ = in_place(E.bitwise_or)
    bitwise_xor_ = in_place(E.bitwise_xor)
    clamp_max_ = in_place(E.clamp_max)
    clamp_min_ = in_place(E.clamp_min)
    copysign_ = in_place(E.copysign)
    cosh_ = in_place(E.cosh)
    deg2rad_ = in_place(E.deg2rad)
    exp2_ = in_place(E.exp2)
    expm1_ = in_place(E.expm1)
    fix_ = in_place(E.fix)
    float_power_ = in_place(E.float_power)
    floor_divide_ = in_place(E.floor_divide)
    fmod_ = in_place(E.fmod)
    frac_ = in_place(E.frac)
    heaviside_ = in_place(E.heaviside)
    hypot_ = in_place(E.hypot)
    ldexp_ = in_place(E.ldexp)
    log10_ = in_place(E.log10)
    log1p_ = in_place(E.log1p)
    log2_ = in_place(E.log2)
    logical_and_ = in_place(E.logical_and)
    logical_not_ = in_place(E.logical_not)
    logical_or_ = in_place(E.logical_or)
    logical_xor_ = in_place(E.logical_xor)
    multiply_ = in_place(E.multiply)
    nan_to_num_ = in_place(E.nan_to_num)
    negative_ = in_place(E.negative)
    rad2deg_ = in_place(E.rad2deg)
    sgn_ = in_place(E.sgn)
    sinh_ = in_place(E.sinh)
    subtract_ = in_place(E.subtract)
    tan_ = in_place(E.tan)
    true_divide_ = in_place(E.true_divide)
    digamma_ = in_place(X.digamma)
    erfc_ = in_place(X.erfc)
    erfinv_ = in_place(X.erfinv)
    i0_ = in_place(X.i0)
    lgamma_ = in_place(X.lgamma)
    logit_ = in_place(X.logit)
    polygamma_ = in_place(X.polygamma)
    sinc_ = in_place(X.sinc)
    xlogy_ = in_place(X.xlogy)
    index_copy_ = in_place(W.index_copy)
    index_fill_ = in_place(W.index_fill)
    index_put_ = in_place(W.index_put)
    index_reduce_ = in_place(W.index_reduce)
    masked_scatter_ = in_place(W.masked_scatter)
    put_ = in_place(W.put)
    scatter_reduce_ = in_place(W.scatter_reduce)
    renorm_ = in_place(T.renorm)
    cumprod_ = in_place(R.cumprod)
    cumsum_ = in_place(R.cumsum)
    addbmm_ = in_place(L.addbmm)
    addmv_ = in_place(L.addmv)
    addr_ = in_place(L.addr)
    baddbmm_ = in_place(L.baddbmm)
    addmm_ = in_place(L.addmm)
    eq_ = in_place(E.eq)
    ge_ = greater_equal_ = in_place(E.ge)
    gt_ = greater_ = in_place(E.gt)
    le_ = less_equal_ = in_place(E.le)
    lt_ = less_ = in_place(E.lt)
    ne_ = not_equal_ = in_place(E.ne)
    bitwise_left_shift_ = in_place(E.bitwise_left_shift)
    bitwise_right_shift_ = in_place(E.bitwise_right_shift)
    gcd_ = in_place(E.gcd)
    lcm_ = in_place(E.lcm)
    nextafter_ = in_place(E.nextafter)
    mvlgamma_ = in_place(X.multigammaln)
    arctan2_ = in_place(E.arctan2)
    divide_ = in_place(E.div)

    bernoulli = G.bernoulli
    bernoulli_ = G.bernoulli_
    cauchy_ = G.cauchy_
    exponential_ = G.exponential_
    geometric_ = G.geometric_
    log_normal_ = G.log_normal_
    multinomial = G.multinomial
    normal_ = G.normal_
    random_ = G.random_
    uniform_ = G.uniform_

    cpu = K.cpu
    cuda = K.cuda
    device = K.device
    is_cpu = K.is_cpu
    is_cuda = K.is_cuda
    new_empty = K.new_empty
    new_full = K.new_full
    new_ones = K.new_ones
    new_tensor = K.new_tensor
    new_zeros = K.new_zeros
    type = K.type_of

    squeeze_ = U.squeeze_
    swapaxes_ = swapdims_ = U.swapaxes_
    t_ = U.t_
    transpose_ = U.transpose_
    unsqueeze_ = U.unsqueeze_

    adjoint = N.adjoint
    apply_ = N.apply_
    to_dense = N.to_dense
    data_ptr = const_data_ptr = N.data_ptr
    fill_diagonal_ = N.fill_diagonal_
    get_device = N.get_device
    is_nonzero = N.is_nonzero
    is_same_size = N.is_same_size
    is_signed = N.is_signed
    map_ = N.map_
    narrow_copy = N.narrow_copy
    new = N.new
    resize_ = N.resize_
    resize_as_ = N.resize_as_
    storage = untyped_storage = N.storage
    storage_offset = N.storage_offset
    unsafe_chunk = N.unsafe_chunk
    unsafe_split = N.unsafe_split
    unsafe_split_with_sizes = N.unsafe_split_with_sizes
    imag = property(N.imag)
    real = property(E.real)
    __dlpack__ = N.dlpack
    __dlpack_device__ = N.dlpack_device

    is_conj = N.never("conjugated but not yet computed")
    is_distributed = N.never("spread over several processes")
    is_neg = N.never("negated but not yet computed")
    is_pinned = N.never("in memory that a GPU reads directly")
    is_shared = N.never("in memory that other processes see")
    is_sparse = property(N.never("sparse"))
    is_sparse_csr = property(N.never("sparse, by rows"))
    is_quantized = property(N.never("quantised"))
    is_meta = property(N.never("a shape without entries"))
    is_mps = property(N.never("on a GPU of Apple's"))
    is_mkldnn = property(N.never("laid out for oneDNN"))
    is_nested = property(N.never("ragged"))
    is_xla = property(N.never("on a TPU"))
    is_xpu = property(N.never("on a GPU of Intel's"))
