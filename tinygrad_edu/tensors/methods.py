"""The methods of Tensor that are PyTorch's functions: `x.sum()` and `tg.sum(x)` are one object.

A table and nothing else. Each `op_` computes out of place and puts the result into its tensor
(see `views`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.traced import Traced
from ..ops import (
    activation,
    diagonals,
    distance,
    elementwise,
    filling,
    joining,
    memory,
    ordering,
    reduction,
    scattering,
    selection,
    shaping,
    special,
    statistics,
    type_and_device,
)
from ..ops.linalg import factorization, older_forms, products, solving
from ..ops.views import in_place

__all__ = ["Methods"]


def where(self: Any, condition: Any, other: Any) -> Any:
    """This tensor where the condition holds, else `other`."""
    return elementwise.where(condition, self, other)


def in_dtype(name: str) -> Callable[[Any], Any]:
    """A method that casts to one dtype (`x.float()`)."""

    def call(self: Any, *, memory_format: Any = None) -> Any:
        return elementwise.cast(self, name)

    call.__name__ = name
    call.__doc__ = f"In dtype {name}."
    return call


class Methods(Traced):
    """PyTorch's functions as methods."""

    __slots__ = ()

    abs = absolute = elementwise.abs
    acos = arccos = elementwise.acos
    acosh = arccosh = elementwise.acosh
    add = elementwise.add
    asin = arcsin = elementwise.asin
    asinh = arcsinh = elementwise.asinh
    atan = arctan = elementwise.atan
    atan2 = arctan2 = elementwise.atan2
    atanh = arctanh = elementwise.atanh
    bitwise_and = elementwise.bitwise_and
    bitwise_not = elementwise.bitwise_not
    bitwise_or = elementwise.bitwise_or
    bitwise_xor = elementwise.bitwise_xor
    ceil = elementwise.ceil
    clamp = clip = elementwise.clamp
    copysign = elementwise.copysign
    cos = elementwise.cos
    cosh = elementwise.cosh
    deg2rad = elementwise.deg2rad
    div = divide = true_divide = elementwise.div
    eq = elementwise.eq
    erf = elementwise.erf
    exp = elementwise.exp
    exp2 = elementwise.exp2
    expm1 = elementwise.expm1
    floor = elementwise.floor
    floor_divide = elementwise.floor_divide
    fmax = elementwise.fmax
    fmin = elementwise.fmin
    fmod = elementwise.fmod
    ge = greater_equal = elementwise.ge
    gt = greater = elementwise.gt
    hypot = elementwise.hypot
    isfinite = elementwise.isfinite
    isinf = elementwise.isinf
    isnan = elementwise.isnan
    le = less_equal = elementwise.le
    lerp = elementwise.lerp
    log = elementwise.log
    log10 = elementwise.log10
    log1p = elementwise.log1p
    log2 = elementwise.log2
    logaddexp = elementwise.logaddexp
    logical_and = elementwise.logical_and
    logical_not = elementwise.logical_not
    logical_or = elementwise.logical_or
    logical_xor = elementwise.logical_xor
    lt = less = elementwise.lt
    maximum = elementwise.maximum
    minimum = elementwise.minimum
    mul = multiply = elementwise.mul
    ne = not_equal = elementwise.ne
    neg = negative = elementwise.neg
    positive = elementwise.positive
    pow = elementwise.pow
    rad2deg = elementwise.rad2deg
    reciprocal = elementwise.reciprocal
    remainder = elementwise.remainder
    round = elementwise.round
    rsqrt = elementwise.rsqrt
    sign = sgn = elementwise.sign
    signbit = elementwise.signbit
    sin = elementwise.sin
    sinh = elementwise.sinh
    sqrt = elementwise.sqrt
    square = elementwise.square
    sub = subtract = elementwise.sub
    tan = elementwise.tan
    tanh = elementwise.tanh
    trunc = fix = elementwise.trunc
    where = where

    logsigmoid = activation.logsigmoid
    hardshrink = activation.hardshrink
    prelu = activation.prelu
    log_softmax = activation.log_softmax
    relu = activation.relu
    sigmoid = activation.sigmoid
    softmax = activation.softmax

    all = reduction.all
    amax = reduction.amax
    amin = reduction.amin
    aminmax = reduction.aminmax
    any = reduction.any
    argmax = reduction.argmax
    argmin = reduction.argmin
    argsort = reduction.argsort
    count_nonzero = reduction.count_nonzero
    cumprod = reduction.cumprod
    cumsum = reduction.cumsum
    kthvalue = reduction.kthvalue
    logsumexp = reduction.logsumexp
    max = reduction.max
    mean = reduction.mean
    median = reduction.median
    min = reduction.min
    prod = reduction.prod
    sort = reduction.sort
    std = reduction.std
    sum = reduction.sum
    topk = reduction.topk
    var = reduction.var

    broadcast_to = shaping.broadcast_to
    chunk = joining.chunk
    diagonal = shaping.diagonal
    expand = shaping.expand
    flatten = shaping.flatten
    flip = shaping.flip
    movedim = moveaxis = shaping.movedim
    narrow = shaping.narrow
    permute = shaping.permute
    ravel = shaping.ravel
    repeat = shaping.repeat
    repeat_interleave = shaping.repeat_interleave
    reshape = shaping.reshape
    roll = shaping.roll
    select = shaping.select
    split = joining.split
    squeeze = shaping.squeeze
    swapaxes = swapdims = shaping.swapaxes
    t = shaping.t
    tensor_split = joining.tensor_split
    tile = shaping.tile
    transpose = shaping.transpose
    unbind = shaping.unbind
    unflatten = shaping.unflatten
    unsqueeze = shaping.unsqueeze
    view = shaping.view

    addmm = products.addmm
    bmm = products.bmm
    dist = distance.dist
    dot = products.dot
    matmul = products.matmul
    mm = products.mm
    mv = products.mv
    outer = ger = products.outer
    trace = diagonals.trace
    tril = diagonals.tril
    triu = diagonals.triu

    gather = selection.gather
    index_add = scattering.index_add
    index_select = selection.index_select
    masked_fill = scattering.masked_fill
    masked_select = selection.masked_select
    nonzero = selection.nonzero
    scatter = scattering.scatter
    scatter_add = scattering.scatter_add
    take_along_dim = selection.take_along_dim

    addcdiv = elementwise.addcdiv
    addcmul = elementwise.addcmul
    allclose = elementwise.allclose
    angle = elementwise.angle
    bitwise_left_shift = elementwise.bitwise_left_shift
    bitwise_right_shift = elementwise.bitwise_right_shift
    clamp_max = elementwise.clamp_max
    clamp_min = elementwise.clamp_min
    conj = conj_physical = elementwise.conj
    resolve_conj = resolve_neg = elementwise.resolve_conj
    equal = elementwise.equal
    float_power = elementwise.float_power
    frac = elementwise.frac
    frexp = elementwise.frexp
    heaviside = elementwise.heaviside
    isclose = elementwise.isclose
    isneginf = elementwise.isneginf
    isposinf = elementwise.isposinf
    isreal = elementwise.isreal
    ldexp = elementwise.ldexp
    logaddexp2 = elementwise.logaddexp2
    nan_to_num = elementwise.nan_to_num
    nextafter = elementwise.nextafter
    gcd = elementwise.gcd
    lcm = elementwise.lcm

    dsplit = joining.dsplit
    expand_as = shaping.expand_as
    fliplr = shaping.fliplr
    flipud = shaping.flipud
    hsplit = joining.hsplit
    reshape_as = shaping.reshape_as
    rot90 = shaping.rot90
    split_with_sizes = joining.split_with_sizes
    sum_to_size = shaping.sum_to_size
    view_as = shaping.view_as
    vsplit = joining.vsplit

    addbmm = products.addbmm
    addmv = products.addmv
    addr = products.addr
    baddbmm = products.baddbmm
    inner = products.inner
    vdot = products.vdot

    cholesky = older_forms.cholesky
    cholesky_inverse = solving.cholesky_inverse
    cholesky_solve = solving.cholesky_solve
    cross = older_forms.cross
    det = solving.det
    inverse = solving.inv
    logdet = solving.logdet
    lu_solve = older_forms.lu_solve
    matrix_exp = factorization.matrix_exp
    matrix_power = products.matrix_power
    norm = older_forms.norm
    pinverse = solving.pinv
    qr = older_forms.qr
    slogdet = solving.slogdet
    svd = older_forms.svd
    triangular_solve = solving.triangular_solve

    digamma = special.digamma
    erfc = special.erfc
    erfinv = special.erfinv
    i0 = special.i0
    lgamma = special.lgamma
    logit = special.logit
    mvlgamma = special.multigammaln
    polygamma = special.polygamma
    sinc = special.sinc
    xlogy = special.xlogy

    diag = diagonals.diag
    diag_embed = diagonals.diag_embed
    diagflat = diagonals.diagflat
    diagonal_scatter = diagonals.diagonal_scatter
    kron = diagonals.kron

    as_strided = selection.as_strided
    argwhere = selection.argwhere
    index_copy = scattering.index_copy
    index_fill = scattering.index_fill
    index_put = scattering.index_put
    index_reduce = scattering.index_reduce
    masked_scatter = scattering.masked_scatter
    put = scattering.put
    scatter_reduce = scattering.scatter_reduce
    select_scatter = scattering.select_scatter
    slice_scatter = scattering.slice_scatter
    take = selection.take
    unfold = selection.unfold

    corrcoef = statistics.corrcoef
    cov = statistics.cov
    diff = statistics.diff
    logcumsumexp = statistics.logcumsumexp
    nanmean = statistics.nanmean
    nansum = statistics.nansum
    renorm = statistics.renorm

    bincount = ordering.bincount
    cummax = ordering.cummax
    cummin = ordering.cummin
    histc = ordering.histc
    histogram = ordering.histogram
    isin = ordering.isin
    mode = ordering.mode
    msort = ordering.msort
    nanmedian = ordering.nanmedian
    nanquantile = ordering.nanquantile
    quantile = ordering.quantile
    unique = ordering.unique
    unique_consecutive = ordering.unique_consecutive

    bool = in_dtype("bool")
    byte = in_dtype("uint8")
    char = in_dtype("int8")
    double = in_dtype("float64")
    float = in_dtype("float32")
    half = in_dtype("float16")
    int = in_dtype("int32")
    long = in_dtype("int64")
    short = in_dtype("int16")

    abs_ = in_place(elementwise.abs)
    add_ = in_place(elementwise.add)
    ceil_ = in_place(elementwise.ceil)
    clamp_ = clip_ = in_place(elementwise.clamp)
    cos_ = in_place(elementwise.cos)
    div_ = in_place(elementwise.div)
    erf_ = in_place(elementwise.erf)
    exp_ = in_place(elementwise.exp)
    floor_ = in_place(elementwise.floor)
    index_add_ = in_place(scattering.index_add)
    lerp_ = in_place(elementwise.lerp)
    log_ = in_place(elementwise.log)
    masked_fill_ = in_place(scattering.masked_fill)
    mul_ = in_place(elementwise.mul)
    neg_ = in_place(elementwise.neg)
    pow_ = in_place(elementwise.pow)
    reciprocal_ = in_place(elementwise.reciprocal)
    relu_ = in_place(activation.relu)
    remainder_ = in_place(elementwise.remainder)
    round_ = in_place(elementwise.round)
    rsqrt_ = in_place(elementwise.rsqrt)
    scatter_ = in_place(scattering.scatter)
    scatter_add_ = in_place(scattering.scatter_add)
    sigmoid_ = in_place(activation.sigmoid)
    sign_ = in_place(elementwise.sign)
    sin_ = in_place(elementwise.sin)
    sqrt_ = in_place(elementwise.sqrt)
    square_ = in_place(elementwise.square)
    sub_ = in_place(elementwise.sub)
    tanh_ = in_place(elementwise.tanh)
    tril_ = in_place(diagonals.tril)
    triu_ = in_place(diagonals.triu)
    trunc_ = in_place(elementwise.trunc)
    absolute_ = in_place(elementwise.absolute)
    acos_ = in_place(elementwise.acos)
    acosh_ = in_place(elementwise.acosh)
    addcdiv_ = in_place(elementwise.addcdiv)
    addcmul_ = in_place(elementwise.addcmul)
    arccos_ = in_place(elementwise.arccos)
    arccosh_ = in_place(elementwise.arccosh)
    arcsin_ = in_place(elementwise.arcsin)
    arcsinh_ = in_place(elementwise.arcsinh)
    arctan_ = in_place(elementwise.arctan)
    arctanh_ = in_place(elementwise.arctanh)
    asin_ = in_place(elementwise.asin)
    asinh_ = in_place(elementwise.asinh)
    atan_ = in_place(elementwise.atan)
    atan2_ = in_place(elementwise.atan2)
    atanh_ = in_place(elementwise.atanh)
    bitwise_and_ = in_place(elementwise.bitwise_and)
    bitwise_not_ = in_place(elementwise.bitwise_not)
    bitwise_or_ = in_place(elementwise.bitwise_or)
    bitwise_xor_ = in_place(elementwise.bitwise_xor)
    clamp_max_ = in_place(elementwise.clamp_max)
    clamp_min_ = in_place(elementwise.clamp_min)
    copysign_ = in_place(elementwise.copysign)
    cosh_ = in_place(elementwise.cosh)
    deg2rad_ = in_place(elementwise.deg2rad)
    exp2_ = in_place(elementwise.exp2)
    expm1_ = in_place(elementwise.expm1)
    fix_ = in_place(elementwise.fix)
    float_power_ = in_place(elementwise.float_power)
    floor_divide_ = in_place(elementwise.floor_divide)
    fmod_ = in_place(elementwise.fmod)
    frac_ = in_place(elementwise.frac)
    heaviside_ = in_place(elementwise.heaviside)
    hypot_ = in_place(elementwise.hypot)
    ldexp_ = in_place(elementwise.ldexp)
    log10_ = in_place(elementwise.log10)
    log1p_ = in_place(elementwise.log1p)
    log2_ = in_place(elementwise.log2)
    logical_and_ = in_place(elementwise.logical_and)
    logical_not_ = in_place(elementwise.logical_not)
    logical_or_ = in_place(elementwise.logical_or)
    logical_xor_ = in_place(elementwise.logical_xor)
    multiply_ = in_place(elementwise.multiply)
    nan_to_num_ = in_place(elementwise.nan_to_num)
    negative_ = in_place(elementwise.negative)
    rad2deg_ = in_place(elementwise.rad2deg)
    sgn_ = in_place(elementwise.sgn)
    sinh_ = in_place(elementwise.sinh)
    subtract_ = in_place(elementwise.subtract)
    tan_ = in_place(elementwise.tan)
    true_divide_ = in_place(elementwise.true_divide)
    digamma_ = in_place(special.digamma)
    erfc_ = in_place(special.erfc)
    erfinv_ = in_place(special.erfinv)
    i0_ = in_place(special.i0)
    lgamma_ = in_place(special.lgamma)
    logit_ = in_place(special.logit)
    polygamma_ = in_place(special.polygamma)
    sinc_ = in_place(special.sinc)
    xlogy_ = in_place(special.xlogy)
    index_copy_ = in_place(scattering.index_copy)
    index_fill_ = in_place(scattering.index_fill)
    index_put_ = in_place(scattering.index_put)
    index_reduce_ = in_place(scattering.index_reduce)
    masked_scatter_ = in_place(scattering.masked_scatter)
    put_ = in_place(scattering.put)
    scatter_reduce_ = in_place(scattering.scatter_reduce)
    renorm_ = in_place(statistics.renorm)
    cumprod_ = in_place(reduction.cumprod)
    cumsum_ = in_place(reduction.cumsum)
    addbmm_ = in_place(products.addbmm)
    addmv_ = in_place(products.addmv)
    addr_ = in_place(products.addr)
    baddbmm_ = in_place(products.baddbmm)
    addmm_ = in_place(products.addmm)
    eq_ = in_place(elementwise.eq)
    ge_ = greater_equal_ = in_place(elementwise.ge)
    gt_ = greater_ = in_place(elementwise.gt)
    le_ = less_equal_ = in_place(elementwise.le)
    lt_ = less_ = in_place(elementwise.lt)
    ne_ = not_equal_ = in_place(elementwise.ne)
    bitwise_left_shift_ = in_place(elementwise.bitwise_left_shift)
    bitwise_right_shift_ = in_place(elementwise.bitwise_right_shift)
    gcd_ = in_place(elementwise.gcd)
    lcm_ = in_place(elementwise.lcm)
    nextafter_ = in_place(elementwise.nextafter)
    mvlgamma_ = in_place(special.multigammaln)
    arctan2_ = in_place(elementwise.arctan2)
    divide_ = in_place(elementwise.div)

    bernoulli = filling.bernoulli
    bernoulli_ = filling.bernoulli_
    cauchy_ = filling.cauchy_
    exponential_ = filling.exponential_
    geometric_ = filling.geometric_
    log_normal_ = filling.log_normal_
    multinomial = filling.multinomial
    normal_ = filling.normal_
    random_ = filling.random_
    uniform_ = filling.uniform_

    cpu = type_and_device.cpu
    cuda = type_and_device.cuda
    device = type_and_device.device
    is_cpu = type_and_device.is_cpu
    is_cuda = type_and_device.is_cuda
    new_empty = type_and_device.new_empty
    new_full = type_and_device.new_full
    new_ones = type_and_device.new_ones
    new_tensor = type_and_device.new_tensor
    new_zeros = type_and_device.new_zeros
    type = type_and_device.type_of

    squeeze_ = shaping.squeeze_
    swapaxes_ = swapdims_ = shaping.swapaxes_
    t_ = shaping.t_
    transpose_ = shaping.transpose_
    unsqueeze_ = shaping.unsqueeze_

    adjoint = memory.adjoint
    apply_ = memory.apply_
    to_dense = memory.to_dense
    data_ptr = const_data_ptr = memory.data_ptr
    fill_diagonal_ = memory.fill_diagonal_
    get_device = memory.get_device
    is_nonzero = memory.is_nonzero
    is_same_size = memory.is_same_size
    is_signed = memory.is_signed
    map_ = memory.map_
    narrow_copy = memory.narrow_copy
    new = memory.new
    resize_ = memory.resize_
    resize_as_ = memory.resize_as_
    storage = untyped_storage = memory.storage
    storage_offset = memory.storage_offset
    unsafe_chunk = memory.unsafe_chunk
    unsafe_split = memory.unsafe_split
    unsafe_split_with_sizes = memory.unsafe_split_with_sizes
    imag = property(memory.imag)
    real = property(elementwise.real)
    __dlpack__ = memory.dlpack
    __dlpack_device__ = memory.dlpack_device

    is_conj = memory.never("conjugated but not yet computed")
    is_distributed = memory.never("spread over several processes")
    is_neg = memory.never("negated but not yet computed")
    is_pinned = memory.never("in memory that a GPU reads directly")
    is_shared = memory.never("in memory that other processes see")
    is_sparse = property(memory.never("sparse"))
    is_sparse_csr = property(memory.never("sparse, by rows"))
    is_quantized = property(memory.never("quantised"))
    is_meta = property(memory.never("a shape without entries"))
    is_mps = property(memory.never("on a GPU of Apple's"))
    is_mkldnn = property(memory.never("laid out for oneDNN"))
    is_nested = property(memory.never("ragged"))
    is_xla = property(memory.never("on a TPU"))
    is_xpu = property(memory.never("on a GPU of Intel's"))
