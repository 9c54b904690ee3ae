// Products of float activations and quantized weights: matvec, linear, and what may follow them.
#pragma once
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/clip.hpp>
#include <lowbit/matmul/epilogue/relu.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/row_major.hpp>
#include <lowbit/matmul/weight_only.hpp>
