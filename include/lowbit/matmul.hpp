// Products of quantized matrices: matmul, linear, matvec, dot, packed weights, what may follow them, linear
// layers.
#pragma once
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/integer_bias.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/linear/linear.hpp>
#include <lowbit/matmul/linear/quantized_linear.hpp>
#include <lowbit/matmul/matmul.hpp>
#include <lowbit/matmul/matvec.hpp>
#include <lowbit/matmul/outliers.hpp>
