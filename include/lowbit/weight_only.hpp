// Products of float activations and quantized weights: matvec and matmul.
#pragma once
#include <lowbit/algorithm/row_major.hpp>
#include <lowbit/algorithm/weight_only.hpp>
