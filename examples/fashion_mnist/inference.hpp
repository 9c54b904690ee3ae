// The networks at work with quantized weights and activations, and trained on where 3 and 2 bits lose too
// much.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "mlp.hpp"
#include "report_data.hpp"

namespace fashion_mnist {

/// The number of modes that evaluate_inference runs on each model; it reports progress after each.
std::size_t mode_count();

/// The network computed in every mode, the first of which is float Eigen. `training` calibrates (its first
/// 1000 images) and trains on for `epochs` where the mode says so. Models run on threads of their own, and
/// then each mode is timed on one thread.
std::vector<Mode> evaluate_inference(const std::vector<Mlp>& models, const Dataset& training,
                                     const Dataset& test, int epochs, const std::function<void()>& progress);

/// The practical recipe, dynamic before static before training, for weights of 8 bits and of 2: what was
/// tried, and where it stopped. Text.
std::string recipes(const std::vector<Mode>& modes);

/// Throws std::runtime_error where a mode is less accurate than it has to be, in any of the models.
void check_accuracy(const std::vector<Mode>& modes);

}  // namespace fashion_mnist
