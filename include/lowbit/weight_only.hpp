// Products of float activations and quantized weights: matvec and matmul.
#pragma once
#include <lowbit/matmul/row_major.hpp>
#include <lowbit/matmul/weight_only.hpp>
