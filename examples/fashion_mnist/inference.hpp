// Inference with quantized weights and activations, after more training where 3 and 2 bits lose too much.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "mlp.hpp"
#include "report_data.hpp"

namespace fashion_mnist {

/// The number of modes that evaluate_inference runs on each model; it reports progress after each.
std::size_t mode_count();

/// Computes the network in every mode, the first of which is float Eigen. The first 1000 images of `training`
/// calibrate; modes named "trained on" train for `epochs` more. Each model runs on a thread of its own; then
/// each mode is timed on one thread.
std::vector<Mode> evaluate_inference(const std::vector<Mlp>& models, const Dataset& training,
                                     const Dataset& test, int epochs, const std::function<void()>& progress);

/// The steps of `recommend` for weights of 8 and of 2 bits as text: dynamic, static, then with training.
std::string recipes(const std::vector<Mode>& modes);

/// Throws std::runtime_error where a mode is less accurate than it has to be, in any of the models.
void check_accuracy(const std::vector<Mode>& modes);

}  // namespace fashion_mnist
