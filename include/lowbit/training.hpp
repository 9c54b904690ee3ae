// Quantization-aware training: fake quantization with gradients.
#pragma once
#include <lowbit/calibrate/recommend.hpp>
#include <lowbit/train/learned_scale.hpp>
#include <lowbit/train/straight_through.hpp>
