// Quantization-aware training: fake quantization with gradients.
#pragma once
#include <lowbit/algorithm/learned_scale.hpp>
#include <lowbit/algorithm/recommend.hpp>
#include <lowbit/algorithm/straight_through.hpp>
